package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredTables;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.storage.ClaimedLogStore;
import dev.mien.spark.storage.CommitRace;
import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Tables and checkpoints on an S3 server, by processes that are killed. A command of its own:
 * {@code mvn -Ps3a,checks verify -Dit.test=S3Check}.
 */
public class S3Check {

  private static final List<String> SMALL =
      List.of(
          "model { image = 56, patch = 14, frames = 4, encoder { width = 32, depth = 1, heads = 2"
              + " }, decoder { width = 16, depth = 1, heads = 2 } }",
          "training { epochs = 2, local-steps = 1, batch-size = 1, stride = 1, checkpoint-every = 2"
              + " }");

  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private java.nio.file.Path folder;
  private S3Server server;
  private Configuration hadoop;
  private SparkSession spark;
  private StoredTables undisturbed;

  @BeforeClass
  public void fillABucket() throws Exception {
    folder = Files.createTempDirectory("s3").toRealPath();
    server = S3Server.start(folder, "mien");
    spark = LocalSpark.open(TINY);
    hadoop = spark.sparkContext().hadoopConfiguration();
    server.settings().forEach(hadoop::set);

    store(TestVideos.copy(TestVideos.CAP12, folder.resolve("first.mp4"), "mp4", 200, 1), "first");
    store(TestVideos.copy(TestVideos.CAP13, folder.resolve("second.mp4"), "mp4", 130, 1), "second");
    assertThat(preprocess("quiet", Map.of()).exit()).isZero();
    undisturbed = tables("quiet");
  }

  private void store(java.nio.file.Path video, String name) throws IOException {
    Path object = new Path(uri("in/" + name + "/00001.mp4"));
    object.getFileSystem(hadoop).copyFromLocalFile(new Path(video.toUri()), object);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    if (spark != null) {
      spark.stop();
    }
    if (server != null) {
      server.close();
    }
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void tablesOnS3AreThoseOfALocalDisk() throws Exception {
    String local = folder.resolve("local").toUri().toString();
    new PreprocessJob(spark, TINY).run(PreprocessInputs.of(uri("in")), local);

    assertThat(undisturbed.videos()).hasSize(2);
    assertThat(undisturbed.clips()).hasSize(7);
    assertThat(undisturbed).isEqualTo(StoredTables.of(FaceVideoDataset.open(spark, local)));
  }

  @Test
  public void theDoctorFindsNothingAmiss() throws Exception {
    MienProcess doctor = start("doctor", Map.of(), List.of("doctor", "--dataset", uri("quiet")));

    assertThat(doctor.exit()).as(doctor.said()).isZero();
  }

  @DataProvider
  public Object[][] deaths() {
    return new Object[][] {
      {"before-the-commit", LethalS3.before("videos/_delta_log/0+1\\.json"), false},
      {"after-the-commit", LethalS3.after("videos/_delta_log/0+1\\.json"), true},
    };
  }

  @Test(dataProvider = "deaths")
  public void aKilledBatchIsThereOrNot(
      String moment, Map<String, String> death, boolean isPublished) throws Exception {
    MienProcess killed = preprocess(moment, death);

    assertThat(killed.exit()).as(killed.said()).isEqualTo(MienProcess.KILLED);
    StoredTables none = new StoredTables(List.of(), List.of(), List.of());
    assertThat(tables(moment)).as("what a reader sees").isEqualTo(isPublished ? undisturbed : none);
    assertThat(preprocess(moment, Map.of()).exit()).isZero();
    assertThat(tables(moment)).as("after a rerun").isEqualTo(undisturbed);
  }

  @Test
  public void twoWritersInOneDriverPublishBoth() throws Exception {
    List<Callable<Object>> writers = new ArrayList<>();
    for (String input : List.of("in/first", "in/second")) {
      SparkSession own = spark.newSession();
      writers.add(
          () -> new PreprocessJob(own, TINY).run(PreprocessInputs.of(uri(input)), uri("shared")));
    }
    ExecutorService threads = Executors.newFixedThreadPool(writers.size());
    for (Future<Object> writer : threads.invokeAll(writers)) {
      writer.get();
    }
    threads.shutdown();

    assertThat(tables("shared").clips()).isEqualTo(undisturbed.clips());
    assertThat(tables("shared").tracks()).isEqualTo(undisturbed.tracks());
    assertThat(tables("shared").videos()).hasSize(2);
  }

  @Test
  public void twoDriversPublishBoth() throws Exception {
    List<MienProcess> drivers = new ArrayList<>();
    for (String name : List.of("first", "second")) {
      drivers.add(
          start(
              "driver-of-" + name,
              Map.of(),
              List.of(
                  "preprocess",
                  "--preset",
                  "tiny",
                  "--input",
                  uri("in/" + name),
                  "--dataset",
                  uri("drivers"))));
    }
    for (MienProcess driver : drivers) {
      assertThat(driver.exit()).as(driver.said()).isZero();
    }

    assertThat(tables("drivers").clips()).isEqualTo(undisturbed.clips());
    assertThat(tables("drivers").tracks()).isEqualTo(undisturbed.tracks());
    assertThat(tables("drivers").videos()).hasSize(2);
  }

  @Test
  public void oneProcessMakesEachCommit() throws Exception {
    int commits = 100;
    Map<String, MienProcess> racers = new TreeMap<>();
    for (String name : List.of("one", "other")) {
      racers.put(
          name,
          MienProcess.start(
              CommitRace.class,
              folder.resolve("race-" + name + ".log"),
              settings(),
              Map.of(),
              List.of(uri("race"), name, Integer.toString(commits))));
    }

    Map<Integer, String> makers = new TreeMap<>();
    for (Map.Entry<String, MienProcess> racer : racers.entrySet()) {
      assertThat(racer.getValue().exit()).as(racer.getValue().said()).isZero();
      for (String line : racer.getValue().said().lines().toList()) {
        if (line.startsWith("made ")) {
          int version = Integer.parseInt(line.substring("made ".length()));
          assertThat(makers.put(version, racer.getKey())).as("maker of %d", version).isNull();
        }
      }
    }

    assertThat(makers).hasSize(commits).containsValues("one", "other");
    for (int version = 0; version < commits; version++) {
      Path commit = CommitRace.commit(uri("race"), version);
      assertThat(new WholeFile(commit.getFileSystem(hadoop), commit).text().strip())
          .as("in commit %d", version)
          .isEqualTo(makers.get(version));
    }
  }

  @Test
  public void aRunKilledInACheckpointResumesToTheSameParameters() throws Exception {
    MienProcess quiet = pretrain("run", Map.of());
    assertThat(quiet.exit()).as(quiet.said()).isZero();
    MienProcess killed =
        pretrain("killed-run", LethalS3.before("checkpoints/round-0+4/manifest\\.json"));
    assertThat(killed.exit()).as(killed.said()).isEqualTo(MienProcess.KILLED);

    MienProcess resumed = pretrain("killed-run", Map.of(), "--resume");

    assertThat(resumed.exit()).as(resumed.said()).isZero();
    assertThat(resumed.said()).contains("Resuming after round 2");
    assertThat(losses("killed-run")).hasSizeGreaterThan(4).isEqualTo(losses("run"));
    assertThat(Checkpoints.model(hadoop, uri("killed-run")).parameters())
        .isEqualTo(Checkpoints.model(hadoop, uri("run")).parameters());
  }

  private MienProcess preprocess(String dataset, Map<String, String> death) throws Exception {
    return start(
        dataset,
        death,
        List.of("preprocess", "--preset", "tiny", "--input", uri("in"), "--dataset", uri(dataset)));
  }

  private MienProcess pretrain(String run, Map<String, String> death, String... more)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("pretrain", "--preset", "tiny"));
    command.addAll(List.of("--dataset", uri("quiet"), "--run", uri(run)));
    SMALL.forEach(setting -> command.addAll(List.of("--set", setting)));
    command.addAll(List.of(more));
    return start(run, death, command);
  }

  private MienProcess start(String name, Map<String, String> death, List<String> command)
      throws IOException {
    Map<String, String> settings = settings();
    settings.putAll(death);
    settings.put("spark.hadoop." + ClaimedLogStore.CLAIM_LIFETIME, "30s"); // of killed drivers
    return MienProcess.start(folder.resolve(name + ".log"), settings, command);
  }

  /** Of a process that is to find the server. */
  private Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    server.settings().forEach((key, value) -> settings.put("spark.hadoop." + key, value));
    return settings;
  }

  private List<JsonElement> losses(String run) throws IOException {
    return MetricsLog.read(hadoop, uri(run)).stream()
        .filter(line -> line.get("kind").getAsString().equals(MetricsLog.ROUND))
        .map(line -> line.get("loss"))
        .toList();
  }

  private StoredTables tables(String dataset) {
    return StoredTables.of(FaceVideoDataset.open(spark, uri(dataset)));
  }

  private static String uri(String name) {
    return "s3a://mien/" + name;
  }
}
