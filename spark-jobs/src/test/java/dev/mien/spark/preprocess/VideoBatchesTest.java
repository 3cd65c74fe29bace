package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.Test;

public class VideoBatchesTest {

  private static final long HOUR_BYTES = 1_300_000_000;

  @Test
  public void aBatchEndsByVideosOrByWhatLiesOnDisksUntilItsCommit() {
    List<PlannedVideo> crops = videos(8, 8, 8, 8, 8);
    assertThat(cut(crops, 2, 10, 1)).containsExactly(2, 2, 1);

    List<PlannedVideo> lectures = videos(3600, 3600, 3600, 36_000, 60, 60);
    assertThat(cut(lectures, 10_000, 2.2, 1))
        .as("whatever is longer than a batch is one")
        .containsExactly(2, 1, 1, 2);
    assertThat(cut(lectures, 10_000, 1.1, 3)).as("as many hours a core").containsExactly(3, 1, 2);
    assertThat(cut(List.of(), 1, 1, 1)).isEmpty();
  }

  @Test
  public void anHourTakesWhatTheReferenceConfigurationSays() {
    assertThat(3600 * Costs.GUESSED.spilledBytes(FrameFormat.JPEG))
        .isCloseTo(HOUR_BYTES, withinPercentage(5));
    assertThat(3600 * Costs.GUESSED.spilledBytes(FrameFormat.RAW))
        .isCloseTo(14e9, withinPercentage(5));
  }

  @Test
  public void theTracksOfManyVideosAreInSeveralFiles() {
    long fileSize = 128 << 20;
    VideoRow processed =
        new VideoRow(StoredRows.processed("a.mp4", "aaaa1111", "id00012")); // one track
    VideoRow rejected =
        new VideoRow(StoredRows.video("b.mp4", "bbbb1111", "id00012", "rejected", "no face found"));

    assertThat(VideoBatches.trackFiles(List.of(), fileSize)).isEqualTo(1);
    assertThat(VideoBatches.trackFiles(Collections.nCopies(1000, processed), fileSize))
        .isEqualTo(1);
    assertThat(VideoBatches.trackFiles(Collections.nCopies(10_000, processed), fileSize))
        .as("800 MB in files of 128 MiB")
        .isEqualTo(7);
    assertThat(VideoBatches.trackFiles(Collections.nCopies(10_000, rejected), fileSize))
        .isEqualTo(1);
  }

  private static List<Integer> cut(List<PlannedVideo> videos, int most, double hours, int cores) {
    MienConfiguration configuration =
        MienConfiguration.load(
            Optional.of("tiny"),
            Optional.empty(),
            List.of(
                "dataset { batch-videos = %d, batch-size = %dB }"
                    .formatted(most, (long) (hours * HOUR_BYTES))));
    List<Integer> sizes = new ArrayList<>();
    List<PlannedVideo> left = videos;
    while (!left.isEmpty()) {
      sizes.add(VideoBatches.first(left, configuration, Costs.GUESSED, cores).size());
      left = left.subList(sizes.get(sizes.size() - 1), left.size());
    }
    return sizes;
  }

  private static List<PlannedVideo> videos(double... seconds) {
    return Arrays.stream(seconds)
        .mapToObj(
            length ->
                new PlannedVideo(new VideoSource("/v/" + length, 1, 1), Change.NEW, length, null))
        .toList();
  }
}
