package dev.mien.spark;

import static dev.mien.spark.RunsOfEight.ROUNDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.TestCluster.Ended;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * Training of eight replicas on a cluster of processes that are killed, starved and misled: each
 * run ends where the quiet one did, to the bit, or says what is wrong and goes on once it is
 * mended. A command of its own: {@code mvn -pl spark-jobs -am verify -Dtest=None
 * -Dit.test=RoundsOnCluster -Dsurefire.failIfNoSpecifiedTests=false
 * -Dfailsafe.failIfNoSpecifiedTests=false}.
 */
public class RoundsOnCluster {

  private static final long SEED = 5;
  private static final String LAST = "round-%08d".formatted(ROUNDS);

  private RunsOfEight runs;

  @BeforeClass
  public void start() throws IOException {
    runs = RunsOfEight.start();
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    if (runs != null) {
      runs.close();
    }
  }

  @Test
  public void eightReplicasTrainOnTwoExecutors() throws Exception {
    Ended quiet = runs.cluster().run(List.of(), runs.pretrain("quiet"));

    assertThat(quiet.exit()).as(quiet.said()).isZero();
    assertThat(runs.rounds("quiet")).hasSize(ROUNDS);
    assertThat(runs.rounds("quiet"))
        .allSatisfy(
            line -> {
              assertThat(line.get("drift").getAsDouble()).isPositive();
              assertThat(line.get("update_norm").getAsDouble()).isPositive();
              assertThat(line.get("clips").getAsInt()).isEqualTo(16);
            });
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnOne() throws Exception {
    Ended ended = runs.cluster().run(List.of("--total-executor-cores", "1"), runs.pretrain("one"));

    assertSameAsQuiet("one", ended);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnTwoOfWhichOneIsKilledInARound() throws Exception {
    Process job = runs.cluster().start(List.of(), runs.pretrain("killed-executor"));
    runs.awaitRounds("killed-executor", job, 4);
    runs.cluster().executors().get(0).destroyForcibly();

    assertSameAsQuiet("killed-executor", TestCluster.end(job));
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aKilledDriverGoesOnFromItsCheckpoint() throws Exception {
    int round = 3 + new Random(SEED).nextInt(ROUNDS - 4);
    Process job = runs.cluster().start(List.of(), runs.pretrain("killed-driver"));
    runs.awaitRounds("killed-driver", job, round);
    job.destroyForcibly().waitFor();

    Ended resumed = runs.resume("killed-driver");

    assertThat(resumed.said()).as("seed %d", SEED).contains("Resuming after round ");
    assertSameAsQuiet("killed-driver", resumed);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aTerminatedRunWritesWhereItStands() throws Exception {
    Process job =
        runs.cluster()
            .start(List.of(), runs.pretrain("terminated", "training.checkpoint-every = 100"));
    runs.awaitRounds("terminated", job, 3);
    job.destroy();
    Ended terminated = TestCluster.end(job);

    assertThat(terminated.exit()).as(terminated.said()).isEqualTo(128 + 15);
    assertThat(terminated.said())
        .containsPattern(
            "Stopped in round (\\d+) of 12, told to end: checkpoint round-\\d+ has all");
    int finished = runs.rounds("terminated").size();
    Ended resumed = runs.resume("terminated");
    assertThat(resumed.said()).contains("Resuming after round " + finished);
    assertSameAsQuiet("terminated", resumed);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aDamagedCheckpointIsPassedOver() throws Exception {
    copy("quiet", "damaged");
    flip(
        runs.folder()
            .resolve("damaged/checkpoints")
            .resolve(LAST)
            .resolve("replica-00003.safetensors"));

    Ended resumed = runs.resume("damaged");

    assertThat(resumed.said())
        .contains("Skipped checkpoint " + LAST, "Resuming after round " + (ROUNDS - 2));
    assertSameAsQuiet("damaged", resumed);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aFullDiskStopsTheRunAndTheLastCheckpointStands() throws Exception {
    Process job = runs.cluster().start(List.of(), runs.pretrain("full"));
    runs.awaitRounds("full", job, 3);
    Path full = runs.folder().resolve("full/checkpoints/round-00000008/model.safetensors");
    Files.createDirectories(full.getParent());
    Files.createSymbolicLink(full, Path.of("/dev/full"));
    Ended ended = TestCluster.end(job);

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .contains("Cannot write a checkpoint: ", "No space left on device", "round-00000006");
    Files.delete(full);
    assertSameAsQuiet("full", runs.resume("full"));
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aTaskThatHangsIsEndedAndNamed() throws Exception {
    copy("dataset", "dataset-hung");
    Process job =
        runs.cluster()
            .start(
                List.of("--conf", "spark.task.maxFailures=1"),
                runs.pretrainOn(
                    "dataset-hung", "hung", "training { task-limit = 15s, cache-size = 0 }"));
    runs.awaitRounds("hung", job, 3);
    Path shard = aShard("dataset-hung");
    Path aside = shard.resolveSibling("aside");
    Files.move(shard, aside);
    assertThat(new ProcessBuilder("mkfifo", shard.toString()).start().waitFor()).isZero();
    Ended ended = TestCluster.end(job);

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .containsPattern("Replica \\d of round \\d+ did not end within training.task-limit = 15 s")
        .contains("(go on with --resume)");
    Files.delete(shard);
    Files.move(aside, shard);
    List<String> again = runs.pretrainOn("dataset-hung", "hung");
    again.add("--resume");
    assertSameAsQuiet("hung", runs.cluster().run(List.of(), again));
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aShardThatCannotBeReadStopsTheRunOrIsCounted() throws Exception {
    copy("dataset", "dataset-broken");
    Path shard = aShard("dataset-broken");
    try (RandomAccessFile file = new RandomAccessFile(shard.toFile(), "rw")) {
      file.seek(file.length() / 2);
      file.write(new byte[1 << 16]);
    }
    Ended stopped = runs.cluster().run(List.of(), runs.pretrainOn("dataset-broken", "unread"));
    assertThat(stopped.exit()).as(stopped.said()).isEqualTo(1);
    assertThat(stopped.said())
        .contains("Cannot read row group", shard.getFileName().toString(), "no round was finished");

    Ended skipped =
        runs.cluster()
            .run(
                List.of(),
                runs.pretrainOn("dataset-broken", "skipped", "training.unreadable-shards = skip"));
    assertThat(skipped.exit()).as(skipped.said()).isZero();
    assertThat(
            runs.rounds("skipped").stream().mapToInt(line -> line.get("skipped_clips").getAsInt()))
        .anyMatch(clips -> clips > 0);
    assertThat(runs.rounds("skipped"))
        .allMatch(
            line -> line.get("clips").getAsInt() + line.get("skipped_clips").getAsInt() == 16);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aLossThatIsNoNumberStopsTheRunWithItsClips() throws Exception {
    Ended ended =
        runs.cluster()
            .run(
                List.of(),
                runs.pretrain(
                    "diverged",
                    "optimiser { kind = sgd, learning-rate = 1e3 }",
                    "training.checkpoint-every = 100"));

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .containsPattern("Replica \\d: Non-finite loss at step \\d+")
        .contains("lower optimiser.learning-rate")
        .doesNotContain("\tat ");
    int finished = runs.rounds("diverged").size();
    if (finished > 0) {
      assertThat(ended.said()).contains("checkpoint round-%08d has all".formatted(finished));
    }
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void anExecutorOutOfMemoryIsSaidSo() throws Exception {
    Ended ended =
        runs.cluster()
            .run(
                List.of("--executor-memory", "460m", "--conf", "spark.task.maxFailures=1"),
                runs.pretrain("starved", "training { batch-size = 4000, epochs = 4000 }"));

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .contains("an executor ran out of memory (give it more by --executor-memory")
        .doesNotContain("\tat dev.mien");
  }

  private void assertSameAsQuiet(String run, Ended ended) throws Exception {
    runs.assertSame(run, "quiet", ended);
  }

  private Path aShard(String dataset) throws IOException {
    try (Stream<Path> files = Files.walk(runs.folder().resolve(dataset).resolve("clips"))) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .filter(file -> !file.toString().contains("_delta_log"))
          .min(Path::compareTo)
          .orElseThrow();
    }
  }

  private void copy(String from, String to) throws IOException {
    Path source = runs.folder().resolve(from);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, runs.folder().resolve(to).resolve(source.relativize(file).toString()));
      }
    }
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }
}
