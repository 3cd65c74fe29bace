package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredTables;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * A second night, with one video new and one changed and files to gather, in a process that dies in
 * the middle of a video or at a moment around a commit; then again, undisturbed.
 */
public class KilledPreprocessingCheck {

  private SparkSession spark;
  private Path folder;
  private Path input;
  private List<String> settings;
  private StoredTables before;
  private StoredTables after;

  @BeforeClass
  public void twoNights() throws Exception {
    spark = LocalSpark.open(configuration(List.of()));
    folder = Files.createTempDirectory("killed").toRealPath();
    input = Files.createDirectories(folder.resolve("input"));
    TestVideos.copy(TestVideos.CAP12, input.resolve("a.mp4"), "mp4", 64, 1);
    TestVideos.copy(TestVideos.CAP12, input.resolve("b.mp4"), "mp4", 63, 1);
    TestVideos.copy(TestVideos.CAP13, input.resolve("changed.mp4"), "mp4", 18, 1);
    settings = List.of("dataset.batch-videos = 1");
    preprocess("first");
    before = tables("first");

    Path changed = TestVideos.copy(TestVideos.CAP13, folder.resolve("x.mp4"), "mp4", 22, 1);
    Files.move(changed, input.resolve("changed.mp4"), StandardCopyOption.REPLACE_EXISTING);
    TestVideos.copy(TestVideos.CAP13, input.resolve("new.mp4"), "mp4", 20, 1);
    // Two files of one and the same size and a smaller one, that together are a shard.
    double two =
        dataset("first")
            .videos()
            .where("uri like '%/a.mp4' or uri like '%/b.mp4'")
            .agg(functions.sum("clip_bytes"))
            .first()
            .getLong(0);
    settings =
        List.of("dataset { file-size = %dB, row-group-size = 1MiB }".formatted((int) (two * 1.2)));
    copy("first", "undisturbed");
    preprocess("undisturbed");
    after = tables("undisturbed");
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void theSecondNightHasAllThatAKillCanMeet() {
    assertThat(before.clips()).hasSize(3);
    assertThat(after.clips()).hasSize(4);
    assertThat(after.videos()).hasSize(4).doesNotContainAnyElementsOf(changed(before));
    assertThat(dataset("first").clips().inputFiles()).hasSize(3);
    assertThat(dataset("undisturbed").clips().inputFiles()).as("gathered").hasSize(2);
  }

  @DataProvider
  public Object[][] deaths() {
    return new Object[][] {
      {"while tracks are written", LethalFileSystem.after("tracks/[^/]*\\.parquet"), false},
      {"at the commit", LethalFileSystem.before("videos/_delta_log/0+4\\.json"), false},
      {"just after it", LethalFileSystem.after("videos/_delta_log/0+4\\.json"), true},
      {
        "after it, while files are gathered",
        LethalFileSystem.after("clips/_delta_log/0+6\\.json"),
        true
      },
    };
  }

  @Test(dataProvider = "deaths")
  public void aRerunGivesTheTablesOfAnUndisturbedRun(
      String moment, Map<String, String> death, boolean isPublished) throws Exception {
    String name = moment.replaceAll("\\W+", "-");
    MienProcess killed = start(name, death);
    assertThat(killed.exit()).as(killed.said()).isEqualTo(MienProcess.KILLED);
    assertThat(tables(name)).as("what a reader sees then").isEqualTo(isPublished ? after : before);
    assertARerunMakesUpFor(name);
  }

  /** The decoding process is stopped meanwhile, so that it is in the middle of the video. */
  @Test
  public void nothingIsLeftOfAVideoInWhoseMiddleItsExecutorDies() throws Exception {
    MienProcess killed = start("in-a-video", Map.of());
    ProcessHandle decoding =
        await()
            .atMost(5, TimeUnit.MINUTES)
            .pollInterval(10, TimeUnit.MILLISECONDS)
            .until(() -> stoppedInAVideo(killed.handle()), Optional::isPresent)
            .orElseThrow();

    Processes.signal(killed.handle(), "KILL");
    assertThat(killed.exit()).as(killed.said()).isEqualTo(MienProcess.KILLED);
    Processes.signal(decoding, "CONT");
    decoding.onExit().get(1, TimeUnit.MINUTES);

    assertThat(tables("in-a-video")).as("what a reader sees then").isEqualTo(before);
    assertARerunMakesUpFor("in-a-video");
  }

  private Optional<ProcessHandle> stoppedInAVideo(ProcessHandle executor) throws Exception {
    assertThat(executor.isAlive()).as("before it was killed").isTrue();
    for (ProcessHandle process : executor.children().toList()) {
      if (Processes.decodes(process, input)) {
        Processes.signal(process, "STOP");
        if (Processes.decodes(process, input)) {
          return Optional.of(process);
        }
        Processes.signal(process, "CONT"); // it was just done
      }
    }
    return Optional.empty();
  }

  private MienProcess start(String name, Map<String, String> death) throws IOException {
    copy("first", name);
    List<String> command = new ArrayList<>(List.of("preprocess"));
    command.addAll(List.of("--input", uri("input"), "--dataset", uri(name), "--preset", "tiny"));
    settings.forEach(setting -> command.addAll(List.of("--set", setting)));
    return MienProcess.start(folder.resolve(name + ".log"), death, command);
  }

  private void assertARerunMakesUpFor(String name) throws IOException {
    preprocess(name);
    assertThat(tables(name)).isEqualTo(after);
    for (String table : List.of("tracks", "clips")) {
      assertThat(spark.read().format("delta").load(uri(name) + "/" + table).count())
          .as("rows of the newest %s, which a vacuum keeps", table)
          .isEqualTo(4);
    }
  }

  private static List<String> changed(StoredTables tables) {
    return tables.videos().stream().filter(row -> row.contains("/changed.mp4")).toList();
  }

  private void preprocess(String dataset) throws IOException {
    new PreprocessJob(spark, configuration(settings))
        .run(PreprocessInputs.of(uri("input")), uri(dataset));
  }

  private static MienConfiguration configuration(List<String> settings) {
    return MienConfiguration.load(Optional.of("tiny"), Optional.empty(), settings);
  }

  private StoredTables tables(String name) {
    return StoredTables.of(dataset(name));
  }

  private FaceVideoDataset dataset(String name) {
    return FaceVideoDataset.open(spark, uri(name));
  }

  private void copy(String from, String to) throws IOException {
    FileUtils.copyDirectory(folder.resolve(from).toFile(), folder.resolve(to).toFile());
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString().replaceAll("/$", "");
  }
}
