package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.mien.preprocessing.clip.FrameFormat;
import dev.mien.spark.config.DatasetOptions;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.Test;

public class VideoBatchesTest {

  private static final long HOUR_BYTES = 1_300_000_000;

  @Test
  public void aBatchEndsByVideosOrByWhatLiesOnDisksUntilItsCommit() {
    List<PlannedVideo> crops = videos(8, 8, 8, 8, 8);
    assertThat(cut(crops, 2, 10 * HOUR_BYTES)).containsExactly(2, 2, 1);

    List<PlannedVideo> lectures = videos(3600, 3600, 3600, 36_000, 60, 60);
    assertThat(cut(lectures, 10_000, 2 * HOUR_BYTES))
        .as("whatever is longer than a batch is one")
        .containsExactly(2, 1, 1, 2);
    assertThat(cut(List.of(), 1, HOUR_BYTES)).isEmpty();
  }

  @Test
  public void anHourTakesWhatTheReferenceConfigurationSays() {
    assertThat(3600 * Costs.GUESSED.spilledBytes(FrameFormat.JPEG))
        .isCloseTo(HOUR_BYTES, withinPercentage(5));
    assertThat(3600 * Costs.GUESSED.spilledBytes(FrameFormat.RAW))
        .isCloseTo(14e9, withinPercentage(5));
  }

  private static List<Integer> cut(List<PlannedVideo> videos, int most, long bytes) {
    DatasetOptions options = new DatasetOptions(1 << 27, 1 << 24, most, bytes, 1);
    List<List<PlannedVideo>> batches = VideoBatches.cut(videos, options, HOUR_BYTES / 3600.0);
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyElementsOf(videos);
    return batches.stream().map(List::size).toList();
  }

  private static List<PlannedVideo> videos(double... seconds) {
    return Arrays.stream(seconds)
        .mapToObj(
            length ->
                new PlannedVideo(new VideoSource("/v/" + length, 1, 1), Change.NEW, length, null))
        .toList();
  }
}
