package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.clip.VideoReport;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.DatasetVersion;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.TestArtefacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Nights in which videos cannot be read: pipes, which no task opens. */
public class PreventedVideosTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private SparkSession spark;
  private Path folder;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("prevented").toRealPath();
  }

  @BeforeClass
  public void start() {
    spark = LocalSpark.open(TINY);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void aVideoThatStillCannotBeReadIsNoNews() throws Exception {
    makePipe("unreadable.mp4");

    PreprocessSummary first = night();
    DatasetVersion published = version();
    PreprocessSummary second = night();

    assertThat(first.outcomes()).containsExactly(Map.entry("quarantined: cannot be read", 1L));
    assertThat(first.failedShare()).isEqualTo(1);
    assertThat(second.kept()).containsExactly(Map.entry("cannot be read", 1L));
    assertThat(second.outcomes()).isEmpty();
    assertThat(second.failedShare()).isZero();
    assertThat(version()).isEqualTo(published);
  }

  @Test
  public void aVideoThatCouldBeReadBeforeCountsAsFailed() throws Exception {
    VideoSource hung = new VideoSource("file:" + folder + "/in/hung.mp4", 5, 5);
    StoredRows.publishAlone(
        spark,
        uri(),
        List.of(
            TestArtefacts.video(
                    hung, "id", "hash", "pipeline", VideoReport.quarantined("decoding hung"), 0, 0)
                .row()));
    makePipe("hung.mp4");

    PreprocessSummary summary = night();

    assertThat(summary.prevented()).containsExactly(Map.entry("cannot be read", 1L));
    assertThat(summary.outcomes()).isEmpty();
    assertThat(summary.failedShare()).isEqualTo(1);
    assertThat(summary.text()).contains("       1 cannot be read, kept as they were before");
    assertThat(FaceVideoDataset.open(spark, uri()).videos().where("content_hash = 'hash'").count())
        .isEqualTo(1);
  }

  /** A mount that stalls is not a fault of the video, whose settings or labels may have changed. */
  @Test(dataProvider = "delays")
  public void whatWasProcessedOutlivesADelay(
      String reason, String outcome, String hash, boolean isKept) throws Exception {
    VideoSource source = new VideoSource("file:/in/a.mp4", 1, 2);
    FaceVideoDataset dataset =
        StoredRows.publishAlone(
            spark, uri(), List.of(StoredRows.video("a.mp4", "a", "me", outcome, "")));
    Row now =
        TestArtefacts.video(source, "a", hash, "another", VideoReport.quarantined(reason), 0, 0)
            .row();

    Settlement settlement =
        Settlement.of(
            List.of(new VideoRow(now)),
            List.of(new PlannedVideo(source, Change.SETTINGS, 2, null)),
            spark,
            dataset);

    assertThat(settlement.videos()).hasSize(isKept ? 0 : 1);
    assertThat(settlement.prevented())
        .isEqualTo(isKept ? Map.of(Reasons.general(reason), 1L) : Map.of());
    assertThat(
            PreprocessPlan.of(
                    spark,
                    List.of(source),
                    Optional.of(dataset),
                    "another",
                    PreprocessInputs.of("/v"))
                .counts())
        .as("due as before")
        .containsOnlyKeys(Change.SETTINGS);
  }

  @DataProvider
  public Object[][] delays() {
    return new Object[][] {
      {"decoding hung: no frame for 60 s at frame 9", Tables.PROCESSED, "a-hash", true},
      {"decoding too slow: more than 60 s at frame 9", Tables.PROCESSED, "a-hash", true},
      {"decoding hung: no frame for 60 s at frame 9", Tables.PROCESSED, "b-hash", false},
      {"decoding hung: no frame for 60 s at frame 9", Tables.QUARANTINED, "a-hash", false},
      {"decoding crashed: signal 11", Tables.PROCESSED, "a-hash", false},
    };
  }

  private PreprocessSummary night() throws Exception {
    return new PreprocessJob(spark, TINY)
        .run(PreprocessInputs.of(folder.resolve("in").toUri().toString()), uri());
  }

  private DatasetVersion version() {
    return FaceVideoDataset.open(spark, uri()).version();
  }

  private String uri() {
    return folder.resolve("dataset").toUri().toString();
  }

  private void makePipe(String name) throws Exception {
    Path file = Files.createDirectories(folder.resolve("in")).resolve(name);
    new ProcessBuilder("mkfifo", file.toString()).inheritIO().start().waitFor();
  }
}
