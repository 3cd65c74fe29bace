package dev.mien.spark.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.storage.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;

/** Which checkpoints stay, and what goes of a run that was killed. */
public class CheckpointRetentionTest extends CheckpointsFixture {

  @Test
  public void theNewestAreKept() throws IOException {
    for (int round = 1; round <= 4; round++) {
      checkpoints.write(manifest(round), initial(1));
    }

    checkpoints.keep(2, 0);

    assertThat(checkpoints.names()).containsExactly("round-00000003", "round-00000004");
  }

  @Test
  public void foldersOfOtherNamesAreLeftAlone() throws IOException {
    for (int round = 1; round <= 3; round++) {
      checkpoints.write(manifest(round), initial(1));
    }
    Path best = run.resolve("checkpoints/best");
    Files.move(run.resolve("checkpoints/round-00000001"), best);
    Path copy = Files.createDirectories(run.resolve("checkpoints/round-00000002-copy"));

    checkpoints.keep(1, 2);
    checkpoints.discardUnfinished();

    assertThat(checkpoints.names()).containsExactly("round-00000002", "round-00000003");
    assertThat(best.resolve("manifest.json")).exists();
    assertThat(copy).exists();
  }

  @Test
  public void thoseOfEverySoManyRoundsStayForGood() throws IOException {
    for (int round = 1; round <= 7; round++) {
      checkpoints.write(manifest(round), initial(1));
    }

    checkpoints.keep(1, 3);

    assertThat(checkpoints.names())
        .containsExactly("round-00000003", "round-00000006", "round-00000007");
  }

  @Test
  public void whereRoundsMissTheMultiplesTheNextOneStaysForGood() throws IOException {
    for (int round : List.of(98, 137, 151, 281, 402)) {
      checkpoints.write(manifest(round), initial(1));
      checkpoints.keep(1, 100);
    }

    assertThat(checkpoints.names())
        .containsExactly("round-00000137", "round-00000281", "round-00000402");
  }

  @Test
  public void whatAKilledRunLeftUnfinishedIsTakenAway() throws IOException {
    String whole = checkpoints.write(manifest(1), initial(1));
    Path unfinished = Files.createDirectories(run.resolve("checkpoints/round-00000002"));
    Files.writeString(unfinished.resolve("replica-00000-1.safetensors"), "half");

    checkpoints.discardUnfinished();

    assertThat(run.resolve("checkpoints")).isDirectoryContaining("glob:**" + whole);
    assertThat(unfinished).doesNotExist();
  }

  @Test
  public void anAttemptThatDoesNotCountLeavesNothing() throws IOException {
    Path folder = Files.createDirectories(run.resolve("checkpoints/round-00000001"));
    Files.writeString(folder.resolve("replica-00000-1.safetensors"), "of an executor that died");
    Files.writeString(folder.resolve("replica-00000-2.safetensors"), "of the next attempt");
    Snapshot state = initial(1);
    Snapshot withReplicas =
        new Snapshot(
            state.layout(),
            state.parameters(),
            state.moments(),
            state.outerMomentum(),
            Map.of("replica-00000-2.safetensors", new StoredFile(19, "sha256")));

    try (CheckpointWriter writer =
        new CheckpointWriter(checkpoints, TINY.checkpoints(), Patience.NONE, "")) {
      writer.write(manifest(1), withReplicas);
      writer.await();
    }

    assertThat(folder.resolve("replica-00000-1.safetensors")).doesNotExist();
    assertThat(folder.resolve("replica-00000-2.safetensors")).exists();
    assertThat(folder.resolve("model.safetensors")).exists();
  }
}
