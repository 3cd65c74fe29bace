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
import dev.mien.spark.preprocess.task.Artefact;
import dev.mien.spark.preprocess.task.TestArtefacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** What a run's inputs say of videos that the dataset knows. */
public class KnownVideosTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private static final VideoLabels NOTHING = VideoLabels.said(null, null);

  private SparkSession spark;
  private Path folder;
  private FaceVideoDataset dataset;

  @BeforeClass
  public void start() throws IOException {
    spark = LocalSpark.open(TINY);
    folder = Files.createTempDirectory("known").toRealPath();
    dataset =
        StoredRows.publishAlone(
            spark,
            uri("dataset"),
            List.of(
                known("ada", Outcome.PROCESSED, "", 20),
                known("claims", Outcome.QUARANTINED, "decoding hung", 360_000),
                unreachable()));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void whoSaysNothingOfAPersonLeavesWhoIsKnown() {
    assertThat(plan(video("ada", 5, NOTHING), Retry.PREVENTED).videos()).isEmpty();
    assertThat(plan(video("ada", 6, NOTHING), Retry.PREVENTED).videos())
        .singleElement()
        .satisfies(
            changed -> {
              assertThat(changed.change()).isEqualTo(Change.CHANGED);
              assertThat(changed.isPerhapsTouched()).isTrue();
              assertThat(changed.source().labels()).isEqualTo(VideoLabels.said("Ada", "dev"));
            });
    assertThat(plan(video("ada", 5, VideoLabels.said("Eve", null)), Retry.PREVENTED).videos())
        .singleElement()
        .satisfies(
            relabelled -> {
              assertThat(relabelled.change()).isEqualTo(Change.RELABELLED);
              assertThat(relabelled.source().labels()).isEqualTo(VideoLabels.said("Eve", "dev"));
            });
  }

  @Test
  public void onlyOfAProcessedVideoIsItKnownHowLongItIs() {
    PreprocessPlan plan = plan(video("claims", 5, NOTHING), Retry.QUARANTINED);

    assertThat(plan.videos()).extracting(PlannedVideo::change).containsExactly(Change.RETRIED);
    assertThat(plan.seconds()).as("by its size, not the 100 hours that it claims").isEqualTo(20);
  }

  @Test
  public void aFileThatStaysAbsentForTheSameReasonIsUnchanged() {
    VideoSource absent =
        VideoSource.absent("file:/v/unreachable.mp4", NOTHING, "cannot be reached: request 2");

    PreprocessPlan plan = plan(absent, Retry.PREVENTED);

    assertThat(plan.videos()).isEmpty();
    assertThat(plan.unchanged()).isEqualTo(1);
  }

  @Test
  public void manyVideosAreComparedWithTheDatasetsByAShortPlan() {
    List<VideoRow> batch = new ArrayList<>();
    batch.add(new VideoRow(known("copy", "hash of ada", Outcome.PROCESSED, "", 20)));
    for (int i = 0; i < 1000; i++) {
      batch.add(new VideoRow(known("new-" + i, Outcome.PROCESSED, "", 20)));
    }

    Dataset<Row> held = Duplicates.held(batch, spark, dataset);

    assertThat(held.collectAsList())
        .containsExactly(RowFactory.create("hash of ada", "file:/v/ada.mp4"));
    assertThat(held.queryExecution().toString())
        .as("a thousand hashes are not in it")
        .hasSizeLessThan(20_000);
    batch.add(new VideoRow(known("ada", Outcome.PROCESSED, "", 20)));
    assertThat(Duplicates.held(batch, spark, dataset).collectAsList())
        .as("what comes again is no copy of itself")
        .isEmpty();
  }

  @Test
  public void aListWithoutAColumnSaysNothingOfIt() throws IOException {
    String video = "file:/vox/dev/mp4/id00001/source/1.mp4";
    Path named = Files.writeString(folder.resolve("1.csv"), "uri,person_id\n" + video + ",Ada\n");
    Path bare = Files.writeString(folder.resolve("2.csv"), "uri,split\n" + video + ",test\n");

    new PreprocessJob(spark, TINY)
        .run(
            new PreprocessInputs(
                List.of(),
                List.of(named.toString(), bare.toString()),
                Optional.empty(),
                Retry.PREVENTED),
            uri("listed"));

    Row row = FaceVideoDataset.open(spark, uri("listed")).videos().first();
    assertThat(row.<String>getAs("person_id")).isEqualTo("Ada");
    assertThat(row.<String>getAs("split")).isEqualTo("test");
    assertThat(row.<String>getAs("source_video")).as("by its path").isEqualTo("source");
  }

  private PreprocessPlan plan(VideoSource found, Retry retry) {
    PreprocessInputs inputs =
        new PreprocessInputs(List.of("/v"), List.of(), Optional.empty(), retry);
    return PreprocessPlan.of(spark, List.of(found), Optional.of(dataset), "now", inputs);
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }

  private static VideoSource video(String name, long modified, VideoLabels labels) {
    return new VideoSource("file:/v/%s.mp4".formatted(name), 800_000, modified, labels);
  }

  private static Row unreachable() {
    VideoSource source =
        VideoSource.absent("file:/v/unreachable.mp4", NOTHING, "cannot be reached: request 1");
    return Artefact.unread(source, "now", source.problem()).row();
  }

  private static Row known(String name, Outcome outcome, String reason, double seconds) {
    return known(name, "hash of " + name, outcome, reason, seconds);
  }

  private static Row known(
      String name, String hash, Outcome outcome, String reason, double seconds) {
    VideoReport report =
        new VideoReport(
            outcome,
            reason,
            new VideoProbe(400, 300, 25, 500, seconds, "h264", 0),
            100,
            List.of(),
            Map.of(),
            List.of(),
            new StageTimes(2_000_000_000L, 0, 0, 0, 0, 0));
    VideoSource source = video(name, 5, VideoLabels.said("Ada", "dev"));
    return TestArtefacts.video(source, "id", hash, "now", report, 3, 300).row();
  }
}
