package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.StageTimes;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.Artefact;
import dev.mien.spark.preprocess.task.Artefact.Kind;
import dev.mien.spark.preprocess.task.TestArtefacts;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.RowFactory;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class SettledVideoTest {

  private final Map<String, SettledVideo> settled =
      SettledVideo.byUri(
          List.of(
              new VideoRow(video("file:/a.mp4", "a", Outcome.PROCESSED, 3, 300, 1).row()),
              new VideoRow(video("file:/b.mp4", "b", Outcome.REJECTED, 0, 0, 1).row())));

  @Test
  public void aVideoDecodedAgainAlikeIsWritten() {
    assertThat(
            SettledVideo.include(
                settled, video("file:/a.mp4", "a", Outcome.PROCESSED, 3, 300, 2_000_000_000)))
        .as("in another time")
        .isTrue();
    assertThat(SettledVideo.include(settled, clip("file:/a.mp4"))).isTrue();
  }

  @Test
  public void whatWasNotProcessedAtFirstIsLeftOut() {
    assertThat(
            SettledVideo.include(settled, video("file:/b.mp4", "b", Outcome.PROCESSED, 5, 500, 1)))
        .isFalse();
    assertThat(SettledVideo.include(settled, clip("file:/b.mp4"))).isFalse();
    assertThat(SettledVideo.include(settled, clip("file:/forgotten.mp4"))).isFalse();
  }

  @DataProvider
  public Object[][] otherwise() {
    return new Object[][] {
      {"changed meanwhile", video("file:/a.mp4", "other", Outcome.PROCESSED, 3, 300, 1)},
      {"unreadable", video("file:/a.mp4", "unreadable", Outcome.QUARANTINED, 0, 0, 1)},
      {"stalled", video("file:/a.mp4", "a", Outcome.QUARANTINED, 0, 0, 1)},
      {"fewer clips", video("file:/a.mp4", "a", Outcome.PROCESSED, 2, 200, 1)},
      {"other pixels", video("file:/a.mp4", "a", Outcome.PROCESSED, 3, 301, 1)},
    };
  }

  @Test(dataProvider = "otherwise")
  public void aVideoDecodedAgainOtherwiseIsNamed(String how, Artefact again) {
    assertThatThrownBy(() -> SettledVideo.include(settled, again))
        .as(how)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Video file:/a.mp4 gave SettledVideo[videoId=a, outcome=processed")
        .hasMessageContaining("decoded again after an executor was lost");
  }

  @Test
  public void thatItWasDecodedOtherwiseIsFoundInTheTextOfAnAbort() {
    Exception abort =
        new IllegalStateException(
            """
            Aborting TaskSet 8.0 because task 0 cannot run anywhere. Most recent failure:
            Lost task 0.1: dev.mien.spark.preprocess.DecodedOtherwiseException: Video a gave b
            \tat dev.mien.spark.preprocess.SettledVideo.include(SettledVideo.java:41)""");

    assertThat(DecodedOtherwiseException.among(new IllegalStateException(abort)))
        .contains("Video a gave b");
    assertThat(DecodedOtherwiseException.among(new IllegalStateException("broken"))).isEmpty();
  }

  private static Artefact clip(String uri) {
    return new Artefact(Kind.CLIP, uri, RowFactory.create());
  }

  private static Artefact video(
      String uri, String id, Outcome outcome, int clips, long bytes, long nanos) {
    VideoReport report =
        new VideoReport(
            outcome,
            "",
            null,
            10,
            List.of(),
            Map.of(),
            List.of(),
            new StageTimes(nanos, 0, 0, 0, 0, 0));
    return TestArtefacts.video(new VideoSource(uri, 1, 1), id, "hash", "now", report, clips, bytes);
  }
}
