package dev.mien.spark;

import static dev.mien.spark.RunsOfEight.ROUNDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.spark.TestCluster.Ended;
import dev.mien.spark.run.EventFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Training of eight replicas on a cluster of processes that are killed: each run ends where the
 * quiet one did, to the bit. What misleads a run is looked at by {@link FailedRoundsCheck}. A
 * command of its own: {@code mvn -Pchecks verify -Dit.test=RoundsCheck}.
 */
public class RoundsCheck extends RoundsFixture {

  private static final long SEED = 5;
  private static final String LAST = "round-%08d".formatted(ROUNDS);

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
    assertThat(
            EventFiles.shown(new Configuration(), runs.uri("quiet")).stream()
                .filter(shown -> shown.value().hasImage()))
        .as("three held-out clips, before rounds 1, 6 and 11 and after the last")
        .hasSize(12)
        .allMatch(shown -> shown.value().getImage().getHeight() == 3 * 56 + 2 * ContactSheet.GAP);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnOne() throws Exception {
    Ended ended = runs.cluster().run(List.of("--total-executor-cores", "1"), runs.pretrain("one"));

    assertSameAsQuiet("one", ended);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnTwoThatEncryptWhatTheySendAndSpill() throws Exception {
    Path history = Files.createDirectory(runs.folder().resolve("history"));
    List<String> options = TestCluster.shared(history);

    assertSameAsQuiet("encrypted", runs.cluster().run(options, runs.pretrain("encrypted")));
  }

  @Test
  public void eightReplicasTrainByTheAverageOfTheirMoments() throws Exception {
    Ended quiet =
        runs.cluster()
            .run(List.of(), runs.pretrain("quiet-averaged", RunsOfEight.AVERAGED_MOMENTS));

    assertThat(quiet.exit()).as(quiet.said()).isZero();
    assertThat(runs.rounds("quiet-averaged")).hasSize(ROUNDS);
  }

  /** Quiet runs, and how they are averaged. */
  @DataProvider
  public Object[][] quiet() {
    return new Object[][] {
      {"quiet", RunsOfEight.KEPT_MOMENTS}, {"quiet-averaged", RunsOfEight.AVERAGED_MOMENTS}
    };
  }

  @Test(
      dataProvider = "quiet",
      dependsOnMethods = {
        "eightReplicasTrainOnTwoExecutors",
        "eightReplicasTrainByTheAverageOfTheirMoments"
      })
  public void andOnTwoOfWhichOneIsKilledAgainAndAgain(String quiet, String averaging)
      throws Exception {
    String killed = quiet + "-killed-executor";
    Process job = runs.cluster().start(List.of(), runs.pretrain(killed, averaging));
    Random random = new Random(SEED);
    for (int round = 2; round < ROUNDS - 2; round += 2) {
      runs.awaitMoment(killed, job, round, random);
      runs.awaitExecutors(job).get(0).destroyForcibly();
    }

    runs.assertSame(killed, quiet, TestCluster.end(job));
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnTwoOfWhichOneIsToldToLeave() throws Exception {
    Process job =
        runs.cluster()
            .start(List.of("--conf", "spark.decommission.enabled=true"), runs.pretrain("left"));
    runs.awaitRounds("left", job, 3);
    ProcessHandle leaving = runs.awaitExecutors(job, 2).get(0);
    Processes.signal(leaving, "PWR");
    leaving.onExit().join();
    int finished = runs.rounds("left").size();

    Ended ended = TestCluster.end(job);
    assertSameAsQuiet("left", ended);
    assertThat(ended.said()).contains("decommission");
    assertThat(finished).as("when it had left").isLessThan(ROUNDS);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnOneThatAnotherJoins() throws Exception {
    List<String> growing = new ArrayList<>();
    for (String setting :
        List.of(
            "enabled=true",
            "shuffleTracking.enabled=true",
            "minExecutors=1",
            "initialExecutors=1",
            "maxExecutors=2",
            "schedulerBacklogTimeout=1s")) {
      growing.addAll(List.of("--conf", "spark.dynamicAllocation." + setting));
    }
    Process job = runs.cluster().start(growing, runs.pretrain("joined"));
    List<ProcessHandle> first = runs.awaitExecutors(job);
    assertThat(first).hasSize(1);
    runs.awaitRounds("joined", job, 2);
    // Tasks must wait for a second before Spark asks for another executor, and rounds are shorter.
    Processes.signal(first.get(0), "STOP");
    runs.awaitExecutors(job, 2);
    Processes.signal(first.get(0), "CONT");
    int finished = runs.rounds("joined").size();
    Ended ended = TestCluster.end(job);

    assertThat(finished).as("rounds before the second executor came").isLessThan(ROUNDS - 1);
    assertSameAsQuiet("joined", ended);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void andOnTwoOfWhichOneStopsAnswering() throws Exception {
    List<String> impatient =
        List.of(
            "--conf",
            "spark.network.timeout=10s",
            "--conf",
            "spark.network.timeoutInterval=1s",
            "--conf",
            "spark.executor.heartbeatInterval=1s");
    Process job = runs.cluster().start(impatient, runs.pretrain("stopped-executor"));
    runs.awaitRounds("stopped-executor", job, 4);
    Processes.signal(runs.cluster().executors().get(0), "STOP");
    Ended ended = TestCluster.end(job);

    assertThat(ended.said()).contains("Executor heartbeat timed out");
    assertSameAsQuiet("stopped-executor", ended);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aKilledDriverGoesOnFromItsCheckpoint() throws Exception {
    Random random = new Random(SEED);
    int round = 3 + random.nextInt(ROUNDS - 5);
    Process job = runs.cluster().start(List.of(), runs.pretrain("killed-driver"));
    runs.awaitMoment("killed-driver", job, round, random);
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
    Processes.signal(job.toHandle(), "TERM");
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
    runs.copy("quiet", "damaged");
    flip(runs.file("damaged", LAST, "replica-00003"));

    Ended resumed = runs.resume("damaged");

    assertThat(resumed.said())
        .contains("Skipped checkpoint " + LAST, "Resuming after round " + (ROUNDS - 2));
    assertSameAsQuiet("damaged", resumed);
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void aFullDiskStopsTheRunAndTheLastCheckpointStands() throws Exception {
    Process job = runs.cluster().start(List.of(), runs.pretrain("full"));
    runs.awaitRounds("full", job, 3);
    List<Path> full = new ArrayList<>();
    for (int round = 8; round <= ROUNDS; round++) { // a failed checkpoint is tried once more
      Path folder = runs.folder().resolve("full/checkpoints/round-%08d".formatted(round));
      Path model = Files.createDirectories(folder).resolve("model.safetensors");
      full.add(Files.createSymbolicLink(model, Path.of("/dev/full")));
    }
    Ended ended = TestCluster.end(job);

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .contains("Cannot write a checkpoint: ", "No space left on device", "round-00000006");
    for (Path model : full) {
      Files.deleteIfExists(model);
    }
    assertSameAsQuiet("full", runs.resume("full"));
  }

  @Test(dependsOnMethods = "eightReplicasTrainOnTwoExecutors")
  public void yarnTrainsTheSameFromAndToHdfs() throws Exception {
    Ended ended;
    try (YarnCluster yarn = YarnCluster.start(runs.folder().resolve("yarn-cluster"))) {
      FileSystem hdfs = FileSystem.get(URI.create(yarn.uri("/")), yarn.hadoop());
      hdfs.copyFromLocalFile(
          new org.apache.hadoop.fs.Path(runs.folder().resolve("dataset").toUri()),
          new org.apache.hadoop.fs.Path("/dataset"));
      List<String> job = RunsOfEight.job(yarn.uri("/dataset"), yarn.uri("/run"));
      ended = yarn.run("pretrain", job.subList(1, job.size())); // the script says pretrain itself
      assertThat(ended.exit()).as(ended.said()).isZero();
      hdfs.copyToLocalFile(
          false,
          new org.apache.hadoop.fs.Path("/run"),
          new org.apache.hadoop.fs.Path(runs.folder().resolve("yarn").toUri()),
          true);
    }

    assertSameAsQuiet("yarn", ended);
  }

  private void assertSameAsQuiet(String run, Ended ended) throws Exception {
    runs.assertSame(run, "quiet", ended);
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }
}
