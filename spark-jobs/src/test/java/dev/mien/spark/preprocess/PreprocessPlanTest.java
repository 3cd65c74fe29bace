package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.clip.Outcome;
import dev.mien.preprocessing.clip.StageTimes;
import dev.mien.preprocessing.clip.VideoProbe;
import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoLabels;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.TestArtefacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class PreprocessPlanTest {

  private static final VideoLabels NOBODY = new VideoLabels(null, null, null, null);

  private SparkSession spark;
  private Path folder;
  private FaceVideoDataset dataset;

  @BeforeClass
  public void start() throws IOException {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    folder = Files.createTempDirectory("plan").toRealPath();
    List<Row> known = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      known.add(processed("file:/v/id00001/x/%04d.mp4".formatted(i), "now", "h" + i));
    }
    known.add(processed("file:/v/old.mp4", "before", "h-old"));
    known.add(processed("file:/v/longer.mp4", "now", "h-longer"));
    known.add(processed("file:/v/touched.mp4", "now", "h-touched"));
    known.add(processed("file:/v/relabelled.mp4", "now", "h-relabelled"));
    known.add(row("file:/v/unread.mp4", Outcome.QUARANTINED, "cannot be read: disk", "now", ""));
    known.add(row("file:/v/hung.mp4", Outcome.QUARANTINED, "decoding hung", "now", "h-hung"));
    String killed = "decoding killed from outside: by somebody";
    known.add(row("file:/v/killed.mp4", Outcome.QUARANTINED, killed, "now", "h-killed"));
    known.add(processed("file:/v/unreachable.mp4", "now", "h-unreachable"));
    known.add(processed("file:/v/deleted.mp4", "before", "h-deleted"));
    known.add(row("file:/v/faceless.mp4", Outcome.REJECTED, "no face found", "now", "h-faceless"));
    known.add(row("file:/v/gone.mp4", Outcome.QUARANTINED, "missing file", "now", ""));
    known.add(rejected("file:/v/copy.mp4", "h1", "file:/v/id00001/x/0001.mp4"));
    known.add(rejected("file:/v/copy-of-changed.mp4", "h-before", "file:/v/id00001/x/0002.mp4"));
    known.add(rejected("file:/v/copy-of-forgotten.mp4", "h-gone", "file:/v/forgotten.mp4"));
    String uri = folder.resolve("dataset").toUri().toString();
    dataset = StoredRows.publishAlone(spark, uri, known);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void onlyWhatWasThereBeforeMayFreeItsCopies() {
    assertThat(planOf(Change.NEW, Change.NEW).mayFreeCopies()).isFalse();
    assertThat(planOf(Change.NEW, Change.ABSENT).mayFreeCopies()).isFalse();
    assertThat(planOf(Change.NEW, Change.CHANGED).mayFreeCopies()).isTrue();
  }

  private static PreprocessPlan planOf(Change... changes) {
    return new PreprocessPlan(
        Stream.of(changes)
            .map(change -> new PlannedVideo(new VideoSource("/v", 1, 1), change, 0, null))
            .toList(),
        0,
        new TreeMap<>(),
        new TreeMap<>(),
        Costs.GUESSED);
  }

  @Test
  public void whatWasQuarantinedIsTriedAgainWhenThatIsAskedForOrTheFileIsTouched() {
    VideoSource same = new VideoSource("file:/v/hung.mp4", 800_000, 5);
    VideoSource touched = new VideoSource("file:/v/hung.mp4", 800_000, 6);

    assertThat(planned(same, Retry.PREVENTED)).isEmpty();
    assertThat(planned(same, Retry.QUARANTINED))
        .extracting(PlannedVideo::change)
        .containsExactly(Change.RETRIED);
    assertThat(planned(touched, Retry.PREVENTED))
        .as("decoded again, and not given its new time alone")
        .extracting(PlannedVideo::isPerhapsTouched)
        .containsExactly(false);
  }

  private List<PlannedVideo> planned(VideoSource video, Retry retry) {
    PreprocessInputs inputs =
        new PreprocessInputs(List.of("/v"), List.of(), Optional.empty(), retry);
    return PreprocessPlan.of(spark, List.of(video), Optional.of(dataset), "now", inputs).videos();
  }

  @Test
  public void onlyVideosWithWorkToDoArePlannedAndItIsSaidWhy() {
    List<VideoSource> found = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      found.add(new VideoSource("file:/v/id00001/x/%04d.mp4".formatted(i), 800_000, 5));
    }
    found.add(new VideoSource("file:/v/new.mp4", 1_600_000, 5));
    found.add(new VideoSource("file:/v/old.mp4", 800_000, 5));
    found.add(new VideoSource("file:/v/longer.mp4", 900_000, 6));
    found.add(new VideoSource("file:/v/touched.mp4", 800_000, 6));
    found.add(
        new VideoSource("file:/v/relabelled.mp4", 800_000, 5, VideoLabels.said("id00009", null)));
    found.add(new VideoSource("file:/v/unread.mp4", 800_000, 5));
    found.add(new VideoSource("file:/v/killed.mp4", 800_000, 5));
    found.add(VideoSource.absent("file:/v/gone.mp4", NOBODY, "missing file"));
    found.add(VideoSource.absent("file:/v/never.mp4", NOBODY, "missing file"));
    for (String name : List.of("unreachable", "faceless")) {
      found.add(
          VideoSource.absent("file:/v/%s.mp4".formatted(name), NOBODY, "cannot be reached: 403"));
    }
    found.add(VideoSource.absent("file:/v/deleted.mp4", NOBODY, "missing file"));
    found.add(new VideoSource("file:/v/copy.mp4", 800_000, 5));
    found.add(new VideoSource("file:/v/copy-of-changed.mp4", 800_000, 5));
    found.add(new VideoSource("file:/v/copy-of-forgotten.mp4", 800_000, 5));

    PreprocessPlan plan =
        PreprocessPlan.of(spark, found, Optional.of(dataset), "now", PreprocessInputs.of("/v"));

    Map<String, Change> changes = new TreeMap<>();
    plan.videos().forEach(video -> changes.put(video.source().uri().substring(8), video.change()));
    assertThat(changes)
        .containsExactly(
            Map.entry("copy-of-changed.mp4", Change.FREED),
            Map.entry("copy-of-forgotten.mp4", Change.FREED),
            Map.entry("killed.mp4", Change.RETRIED),
            Map.entry("longer.mp4", Change.CHANGED),
            Map.entry("never.mp4", Change.ABSENT),
            Map.entry("new.mp4", Change.NEW),
            Map.entry("old.mp4", Change.SETTINGS),
            Map.entry("relabelled.mp4", Change.RELABELLED),
            Map.entry("touched.mp4", Change.CHANGED),
            Map.entry("unread.mp4", Change.RETRIED));
    assertThat(plan.unchanged()).isEqualTo(3002);
    assertThat(plan.kept())
        .containsExactly(Map.entry("cannot be reached", 2L), Map.entry("missing file", 1L));
    assertThat(plan.otherSettings()).containsExactly(Map.entry("before", 1L));
    assertThat(plan.videos().stream().filter(PlannedVideo::isPerhapsTouched))
        .extracting(video -> video.source().uri())
        .containsExactly("file:/v/touched.mp4");
    assertThat(plan.videos())
        .filteredOn(video -> video.change() == Change.SETTINGS || video.change() == Change.NEW)
        .extracting(video -> video.seconds(plan.costs()))
        .as("the known length, or by the size at 40 kB a second")
        .containsExactly(40.0, 20.0);
    assertThat(plan.videos())
        .filteredOn(video -> video.source().uri().endsWith("relabelled.mp4"))
        .extracting(video -> video.source().labels().person())
        .containsExactly("id00009");
    assertThat(plan.costs().work()).isEqualTo(0.1);
    assertThat(plan.costs().videos()).isEqualTo(3006);
  }

  @Test
  public void aVideoThatIsPreprocessedTwiceIsTakenFromTheUnchangedOnceAtMost() {
    PlannedVideo planned =
        new PlannedVideo(new VideoSource("file:/v/0.mp4", 1, 1), Change.NEW, 1, null);
    PlannedVideo other =
        new PlannedVideo(new VideoSource("file:/v/1.mp4", 1, 1), Change.FREED, 1, null);
    PreprocessPlan plan =
        new PreprocessPlan(List.of(planned), 5, new TreeMap<>(), new TreeMap<>(), Costs.GUESSED);

    assertThat(plan.unchangedBut(List.of(planned, other))).isEqualTo(4);
  }

  private static Row processed(String uri, String pipeline, String hash) {
    return row(uri, Outcome.PROCESSED, "", pipeline, hash);
  }

  private static Row rejected(String uri, String hash, String original) {
    return row(uri, Outcome.REJECTED, "same content as " + original, "now", hash);
  }

  /** 20 seconds, 2 seconds of work, 800 kB. */
  private static Row row(String uri, Outcome outcome, String reason, String pipeline, String hash) {
    VideoReport report =
        new VideoReport(
            outcome,
            reason,
            new VideoProbe(400, 300, 25, 500, 20, "h264", 0),
            100,
            List.of(),
            Map.of(),
            List.of(),
            new StageTimes(2_000_000_000L, 0, 0, 0, 0, 0));
    boolean absent = reason.equals("missing file");
    VideoSource source = new VideoSource(uri, absent ? 0 : 800_000, absent ? 0 : 5);
    return TestArtefacts.video(source, "id", hash, pipeline, report, 3, 300).row();
  }
}
