package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.Test;

public class PlanTest {

  private static final ClipIndex ONE_CLIP = new ClipIndex(List.of(clip("", 64)));

  @Test
  public void aBatchThatDoesNotFitOneBufferIsRefused() {
    int largest = Integer.MAX_VALUE / (16 * 224 * 224 * 3);
    assertThat(plan(largest).run().training().batchSize()).isEqualTo(891);

    assertThatThrownBy(() -> plan(largest + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid training.batch-size: 892 (must be at most 891: the pixels of a batch, 2408448"
                + " bytes a clip, lie in one buffer of less than 2 GiB, whatever"
                + " training.micro-batch; raise training.replicas for a larger step)");
  }

  @Test
  public void masksThatCannotBeDrawnAreRefusedAllAtOnce() {
    assertThatThrownBy(
            () ->
                plan(
                    "model { image = 420, patch = 140, frames = 2 }",
                    "objective.mask-ratio = 0.9",
                    "training.batch-size = 65536"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "Invalid model.image: 420 (must be at most 224, the side of a stored clip)",
            "Invalid training.batch-size: 65536",
            "In objective: Invalid mask ratio: 0.9 (must hide some of a clip's 9 tokens, and not all)",
            "In objective: Invalid grid for masks of regions: 3 patches a side (must divide 56");
    assertThatThrownBy(() -> plan("objective.mask-ratio = 0"))
        .hasMessageContaining("In objective: Invalid mask ratio: 0.0 (must hide some");

    assertThat(plan("model { image = 60, patch = 20 }", "objective.mask = tube").steps())
        .as("masks that need no regions suit any grid")
        .isPositive();
  }

  @Test
  public void whyNoClipIsLeftToTrainOnIsSaid() {
    ClipIndex none =
        new ClipIndex(
            List.of(clip("test", 64), clip("test", 64), clip("dev", 30), clip("test", 30)));

    assertThatThrownBy(() -> Plan.of(configuration(), none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "No clips to train on: of 4, 2 have fewer than the 31 frames of a window and 2 are of"
                + " the test split (preprocess more video of other splits, or lower"
                + " training.stride)");
  }

  @Test
  public void whatTheDataIsIsCountedOnceForAllCheckpoints() {
    Plan plan = Plan.of(configuration(), new ClipIndex(List.of(clip("", 64), clip("", 64))));

    assertThat(plan.data())
        .containsOnly(
            entry("people", 1L),
            entry("videos", 1L),
            entry("tracks", 1L),
            entry("clips trained on", 2L),
            entry("clips held out", 0L))
        .isSameAs(plan.data());
  }

  private static ClipEntry clip(String split, int frames) {
    return new ClipEntry(
        "clip",
        "track",
        "video",
        "person",
        split,
        frames,
        new ClipLocation(new RowGroup("file", 0), 0));
  }

  private static Plan plan(int batchSize) {
    return plan("model.image = 224", "training.batch-size = " + batchSize);
  }

  private static Plan plan(String... settings) {
    return Plan.of(configuration(settings), ONE_CLIP);
  }

  private static MienConfiguration configuration(String... settings) {
    return MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of(settings));
  }
}
