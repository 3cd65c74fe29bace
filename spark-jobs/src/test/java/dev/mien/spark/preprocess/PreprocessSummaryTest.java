package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.StageTimes;
import dev.mien.preprocessing.clip.VideoProbe;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.spark.dataset.DatasetVersion;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.TestArtefacts;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;

public class PreprocessSummaryTest {

  private static final long SECOND = 1_000_000_000L;
  private static final DatasetVersion BEFORE = new DatasetVersion(1, 1, 1);

  @Test
  public void aRunIsAddedUpByReasonWithoutDetails() {
    SummaryTally tally = new SummaryTally(BEFORE);
    tally.add(
        List.of(
            row("id1/a/1.mp4", Outcome.PROCESSED, "", 10, Map.of("clip: dark", 2)),
            row("id1/a/2.mp4", Outcome.PROCESSED, "", 4, Map.of("clip: dark", 1, "track: x", 1))));
    tally.add(
        List.of(
            row("id2/b/1.mp4", Outcome.PROCESSED, "", 7, Map.of()),
            row("id3/c/1.mp4", Outcome.REJECTED, "same content as file:/x.mp4", 1, Map.of()),
            row("id3/c/2.mp4", Outcome.REJECTED, "same content as file:/y.mp4", 2, Map.of()),
            row("id4/d/1.mp4", Outcome.QUARANTINED, "cannot be read: disk", 3, Map.of())));
    tally.addUnlisted(Map.of("hdfs://n/v/private", "Permission denied"));
    tally.addOtherFiles(Map.of(".txt", 3L));
    tally.addRefreshed(5);
    tally.addKept(Map.of("missing file", 6L));

    tally.reach(new DatasetVersion(9, 9, 9));
    tally.leaveUnchanged(70);
    tally.finish();

    PreprocessSummary summary = tally.summary("pipeline", 12);

    assertThat(summary.outcomes())
        .containsExactly(
            Map.entry("processed", 3L),
            Map.entry("quarantined: cannot be read", 1L),
            Map.entry("rejected: same content as another", 2L));
    assertThat(summary.dropped())
        .containsExactly(Map.entry("clip: dark", 3L), Map.entry("track: x", 1L));
    assertThat(summary.problems())
        .containsExactly(
            Map.entry("expected faces not used", 6L), Map.entry("malformed boxes", 6L));
    assertThat(summary.people()).isEqualTo(2);
    assertThat(summary.clips()).isEqualTo(18);
    assertThat(summary.frames()).isEqualTo(600);
    assertThat(summary.videoSeconds()).isEqualTo(60);
    assertThat(summary.workSeconds()).isEqualTo(27);
    assertThat(summary.realTimeFactor()).as("of processed videos").isEqualTo(60 / 21.0);
    assertThat(summary.failedShare()).isEqualTo(0.5);
    assertThat(summary.slowest())
        .extracting(PreprocessSummary.SlowVideo::uri)
        .containsExactly("id1/a/1.mp4", "id2/b/1.mp4", "id1/a/2.mp4", "id4/d/1.mp4", "id3/c/2.mp4");
    assertThat(summary.text())
        .containsSubsequence(
            "       2 rejected: same content as another",
            "           id3/c/1.mp4",
            "           id3/c/2.mp4")
        .doesNotContain("and others")
        .contains("       5 touched only")
        .contains("      70 unchanged")
        .contains("Cannot list hdfs://n/v/private: Permission denied")
        .contains("       6 missing file, kept as they are")
        .contains("       3 files are no videos by their names, unless listed: .txt")
        .contains("600 frames in 12 s: 50.0 frames/s; a core works 2.9 times as fast as real time")
        .as("ten seconds are nothing to look into")
        .doesNotContain("slow:");
    JsonObject json = JsonParser.parseString(summary.json()).getAsJsonObject();
    assertThat(json.get("datasetVersion").getAsLong()).isEqualTo(9);
    assertThat(json.getAsJsonObject("outcomes").get("processed").getAsLong()).isEqualTo(3);
    assertThat(json.getAsJsonArray("slowest")).hasSize(5);
    assertThat(json.get("framesPerSecond").getAsDouble()).isEqualTo(50);
    assertThat(json.get("realTimeFactor").getAsDouble()).isEqualTo(60 / 21.0);
    assertThat(json.getAsJsonObject("otherFiles").get(".txt").getAsLong()).isEqualTo(3);
    assertThat(summary.namelessJson()).contains("realTimeFactor").doesNotContain(".txt", ".mp4");
  }

  @Test
  public void aFewVideosOfEachFailureAndThoseThatTookLongAreNamed() {
    SummaryTally tally = new SummaryTally(BEFORE);
    tally.add(
        List.of(
            row("d.mp4", Outcome.QUARANTINED, "empty file", 1, Map.of()),
            row("b.mp4", Outcome.QUARANTINED, "empty file", 1, Map.of()),
            row("film.mp4", Outcome.PROCESSED, "", 61, Map.of())));
    tally.add(
        List.of(
            row("c.mp4", Outcome.QUARANTINED, "empty file", 1, Map.of()),
            row("a.mp4", Outcome.QUARANTINED, "empty file", 1, Map.of())));

    assertThat(tally.summary("pipeline", 1).text())
        .containsSubsequence(
            "       1 processed\n",
            "       4 quarantined: empty file\n",
            "           a.mp4\n           b.mp4\n           c.mp4\n           and others")
        .contains("slow: 61.0 s of work for 20.0 s of video, film.mp4")
        .doesNotContain("d.mp4");
  }

  @Test
  public void aCopyThatIsProcessedLaterInTheRunHasOneOutcome() {
    SummaryTally tally = new SummaryTally(BEFORE);
    tally.add(
        List.of(
            row("copy.mp4", Outcome.REJECTED, "same content as file:/x.mp4", 1, Map.of()),
            row("other.mp4", Outcome.REJECTED, "same content as file:/x.mp4", 1, Map.of())));
    tally.add(List.of(row("copy.mp4", Outcome.PROCESSED, "", 7, Map.of())));

    PreprocessSummary summary = tally.summary("pipeline", 1);

    assertThat(summary.outcomes())
        .containsExactly(
            Map.entry("processed", 1L), Map.entry("rejected: same content as another", 1L));
    assertThat(summary.problems())
        .containsExactly(
            Map.entry("expected faces not used", 2L), Map.entry("malformed boxes", 2L));
    assertThat(summary.videoBytes()).isEqualTo(2000);
  }

  @Test
  public void aRunWithNothingToDoDividesByNothing() {
    PreprocessSummary summary = new SummaryTally(BEFORE).summary("pipeline", 0);

    assertThat(summary.failedShare()).isZero();
    assertThat(summary.text()).contains("0 clips").contains("0.0 frames/s").doesNotContain("NaN");
  }

  private static VideoRow row(
      String uri, Outcome outcome, String reason, int seconds, Map<String, Integer> dropped) {
    VideoReport report =
        new VideoReport(
            outcome,
            reason,
            new VideoProbe(400, 300, 25, 500, 20, "h264", 0),
            100,
            List.of(),
            dropped,
            List.of("expected faces not used: 224x224", "malformed boxes: 00001.txt, no line"),
            new StageTimes(seconds * SECOND, 0, 0, 0, 0, 0));
    VideoSource source = new VideoSource(uri, 1000, 1);
    return new VideoRow(
        TestArtefacts.video(source, "id", "hash", "pipeline", report, 3, 300).row());
  }
}
