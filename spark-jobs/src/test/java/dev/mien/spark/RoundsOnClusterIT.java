package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.mien.spark.TestCluster.Ended;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * Training of eight replicas on a cluster of processes that are killed, starved and misled: each
 * run ends where the quiet one did, to the bit, or says what is wrong and goes on once it is mended.
 */
public class RoundsOnClusterIT {

  private static final long SEED = 5;
  private static final int ROUNDS = 12;
  private static final String LAST = "round-%08d".formatted(ROUNDS);

  private static final List<String> SMALL =
      List.of(
          "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 }, decoder {"
              + " width = 16, depth = 1, heads = 2 } }",
          "training { replicas = 8, epochs = 4, local-steps = 2, batch-size = 1, windows-per-clip ="
              + " 4, validate-every = 5, checkpoint-every = 2, checkpoints-kept = 2 }",
          "averaging { inner-state = local, outer.kind = nesterov }");

  private final Configuration hadoop = new Configuration();
  private Path folder;
  private TestCluster cluster;

  @BeforeClass
  public void startCluster() throws IOException {
    folder = Files.createTempDirectory("rounds");
    List<String> settings = new ArrayList<>(SMALL);
    settings.add("dataset { file-size = 1MiB, row-group-size = 1MiB }");
    MienConfiguration configuration =
        MienConfiguration.load(Optional.of("tiny"), Optional.empty(), settings);
    SparkSession spark = LocalSpark.open(configuration);
    new PreprocessJob(spark, configuration)
        .run(Path.of("../samples/dev/mp4/id90001/cap13").toUri().toString(), uri("dataset"));
    spark.stop();
    cluster = TestCluster.start(folder.resolve("cluster"), 2, "2g");
  }

  @AfterClass(alwaysRun = true)
  public void stopCluster() throws IOException {
    if (cluster != null) {
      cluster.close();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  public void eightReplicasTrainOnTwoExecutors() throws Exception {
    Ended quiet = cluster.run(List.of(), pretrain("quiet"));

    assertThat(quiet.exit()).as(quiet.said()).isZero();
    assertThat(rounds("quiet")).hasSize(ROUNDS);
    assertThat(rounds("quiet"))
        .allSatisfy(
            line -> {
              assertThat(line.get("drift").getAsDouble()).isPositive();
              assertThat(line.get("update_norm").getAsDouble()).isPositive();
              assertThat(line.get("clips").getAsInt()).isEqualTo(16);
            });
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnOne() throws Exception {
    Ended ended = cluster.run(List.of("--total-executor-cores", "1"), pretrain("one"));

    assertSameAsQuiet("one", ended);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnTwoOfWhichOneIsKilledInARound() throws Exception {
    Process job = cluster.start(List.of(), pretrain("killed-executor"));
    awaitRounds("killed-executor", job, 4);
    cluster.executors().get(0).destroyForcibly();

    assertSameAsQuiet("killed-executor", TestCluster.end(job));
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aKilledDriverGoesOnFromItsCheckpoint() throws Exception {
    int round = 3 + new Random(SEED).nextInt(ROUNDS - 4);
    Process job = cluster.start(List.of(), pretrain("killed-driver"));
    awaitRounds("killed-driver", job, round);
    job.destroyForcibly().waitFor();

    Ended resumed = resume("killed-driver");

    assertThat(resumed.said()).as("seed %d", SEED).contains("Resuming after round ");
    assertSameAsQuiet("killed-driver", resumed);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aTerminatedRunWritesWhereItStands() throws Exception {
    Process job =
        cluster.start(List.of(), pretrain("terminated", "training.checkpoint-every = 100"));
    awaitRounds("terminated", job, 3);
    job.destroy();
    Ended terminated = TestCluster.end(job);

    assertThat(terminated.exit()).as(terminated.said()).isEqualTo(128 + 15);
    assertThat(terminated.said())
        .containsPattern("Stopped in round (\\d+) of 12, told to end: checkpoint round-\\d+ has all");
    int finished = rounds("terminated").size();
    Ended resumed = resume("terminated");
    assertThat(resumed.said()).contains("Resuming after round " + finished);
    assertSameAsQuiet("terminated", resumed);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aDamagedCheckpointIsPassedOver() throws Exception {
    copy("quiet", "damaged");
    flip(folder.resolve("damaged/checkpoints").resolve(LAST).resolve("replica-00003.safetensors"));

    Ended resumed = resume("damaged");

    assertThat(resumed.said())
        .contains("Skipped checkpoint " + LAST, "Resuming after round " + (ROUNDS - 2));
    assertSameAsQuiet("damaged", resumed);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aFullDiskStopsTheRunAndTheLastCheckpointStands() throws Exception {
    Process job = cluster.start(List.of(), pretrain("full"));
    awaitRounds("full", job, 3);
    Path full = folder.resolve("full/checkpoints/round-00000008/model.safetensors");
    Files.createDirectories(full.getParent());
    Files.createSymbolicLink(full, Path.of("/dev/full"));
    Ended ended = TestCluster.end(job);

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .contains("Cannot write a checkpoint: ", "No space left on device", "round-00000006");
    Files.delete(full);
    assertSameAsQuiet("full", resume("full"));
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aTaskThatHangsIsEndedAndNamed() throws Exception {
    copy("dataset", "dataset-hung");
    Process job =
        cluster.start(
            List.of("--conf", "spark.task.maxFailures=1"),
            pretrainOn("dataset-hung", "hung", "training { task-limit = 10s, cache-size = 0 }"));
    awaitRounds("hung", job, 3);
    Path shard = aShard("dataset-hung");
    Path aside = shard.resolveSibling("aside");
    Files.move(shard, aside);
    assertThat(new ProcessBuilder("mkfifo", shard.toString()).start().waitFor()).isZero();
    Ended ended = TestCluster.end(job);

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .containsPattern(
            "Replica \\d of round \\d+ did not end within training.task-limit = 10 s")
        .contains("(go on with --resume)");
    Files.delete(shard);
    Files.move(aside, shard);
    List<String> again = pretrainOn("dataset-hung", "hung");
    again.add("--resume");
    assertSameAsQuiet("hung", cluster.run(List.of(), again));
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aShardThatCannotBeReadStopsTheRunOrIsCounted() throws Exception {
    copy("dataset", "dataset-broken");
    Path shard = aShard("dataset-broken");
    try (RandomAccessFile file = new RandomAccessFile(shard.toFile(), "rw")) {
      file.seek(file.length() / 2);
      file.write(new byte[1 << 16]);
    }
    Ended stopped = cluster.run(List.of(), pretrainOn("dataset-broken", "unread"));
    assertThat(stopped.exit()).as(stopped.said()).isEqualTo(1);
    assertThat(stopped.said())
        .contains("Cannot read row group", shard.getFileName().toString(), "no round was finished");

    Ended skipped =
        cluster.run(
            List.of(),
            pretrainOn("dataset-broken", "skipped", "training.unreadable-shards = skip"));
    assertThat(skipped.exit()).as(skipped.said()).isZero();
    assertThat(rounds("skipped").stream().mapToInt(line -> line.get("skipped_clips").getAsInt()))
        .anyMatch(clips -> clips > 0);
    assertThat(rounds("skipped"))
        .allMatch(
            line -> line.get("clips").getAsInt() + line.get("skipped_clips").getAsInt() == 16);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aLossThatIsNoNumberStopsTheRunWithItsClips() throws Exception {
    Ended ended =
        cluster.run(
            List.of(),
            pretrain(
                "diverged",
                "optimiser { kind = sgd, learning-rate = 1e3 }",
                "training.checkpoint-every = 100"));

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .containsPattern("Replica \\d: Non-finite loss at step \\d+")
        .contains("lower optimiser.learning-rate")
        .doesNotContain("\tat ");
    int finished = rounds("diverged").size();
    if (finished > 0) {
      assertThat(ended.said()).contains("checkpoint round-%08d has all".formatted(finished));
    }
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void anExecutorOutOfMemoryIsSaidSo() throws Exception {
    Ended ended =
        cluster.run(
            List.of("--executor-memory", "460m", "--conf", "spark.task.maxFailures=1"),
            pretrain("starved", "training { batch-size = 4000, epochs = 4000 }"));

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .contains("an executor ran out of memory (give it more by --executor-memory")
        .doesNotContain("\tat dev.mien");
  }

  private Ended resume(String run) throws Exception {
    List<String> job = pretrain(run);
    job.add("--resume");
    return cluster.run(List.of(), job);
  }

  private List<String> pretrain(String run, String... settings) {
    return pretrainOn("dataset", run, settings);
  }

  private List<String> pretrainOn(String dataset, String run, String... settings) {
    List<String> job = new ArrayList<>(List.of("pretrain", "--preset", "tiny"));
    job.addAll(List.of("--dataset", uri(dataset), "--run", uri(run)));
    Stream.concat(SMALL.stream(), Arrays.stream(settings))
        .forEach(setting -> job.addAll(List.of("--set", setting)));
    return job;
  }

  /** The same figures of the same rounds, and the same bytes at the end. */
  private void assertSameAsQuiet(String run, Ended ended) throws Exception {
    assertThat(ended.exit()).as(ended.said()).isZero();
    for (String figure : List.of("round", "step", "loss", "drift", "update_norm")) {
      assertThat(rounds(run).stream().map(line -> line.get(figure)))
          .as(figure)
          .isEqualTo(rounds("quiet").stream().map(line -> line.get(figure)).toList());
    }
    for (String file : List.of("model", "outer", "replica-00000", "replica-00007")) {
      assertThat(sha256(run, file)).as(file).isEqualTo(sha256("quiet", file));
    }
  }

  private String sha256(String run, String file) throws Exception {
    Path path =
        folder.resolve(run).resolve("checkpoints").resolve(LAST).resolve(file + ".safetensors");
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
    return new BigInteger(1, digest).toString(16);
  }

  private List<JsonObject> rounds(String run) throws IOException {
    return MetricsLog.read(hadoop, uri(run)).stream()
        .filter(line -> line.get("kind").getAsString().equals(MetricsLog.ROUND))
        .toList();
  }

  /** Until a run has finished so many rounds; the next one is under way then. */
  private void awaitRounds(String run, Process job, int finished) throws Exception {
    while (rounds(run).size() < finished) {
      assertThat(job.isAlive()).as("the run ended before its time").isTrue();
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private Path aShard(String dataset) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(dataset).resolve("clips"))) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .filter(file -> !file.toString().contains("_delta_log"))
          .min(Path::compareTo)
          .orElseThrow();
    }
  }

  private void copy(String from, String to) throws IOException {
    Path source = folder.resolve(from);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(to).resolve(source.relativize(file).toString()));
      }
    }
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
