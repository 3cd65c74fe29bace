package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.TestCluster.Ended;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * Training of eight replicas that hang, diverge, starve or cannot read: each run says what is wrong
 * and goes on once it is mended. A command of its own: {@code mvn -Pchecks verify
 * -Dit.test=FailedRoundsCheck}.
 */
public class FailedRoundsCheck extends RoundsFixture {

  @BeforeClass(dependsOnMethods = "start")
  public void trainQuietly() throws Exception {
    Ended quiet = runs.cluster().run(List.of(), runs.pretrain("quiet"));
    assertThat(quiet.exit()).as(quiet.said()).isZero();
  }

  @Test
  public void aTaskThatHangsIsEndedAndNamed() throws Exception {
    runs.copy("dataset", "dataset-hung");
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
    runs.assertSame("hung", "quiet", runs.cluster().run(List.of(), again));
  }

  @Test
  public void aShardThatCannotBeReadStopsTheRunOrIsCounted() throws Exception {
    runs.copy("dataset", "dataset-broken");
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

  @Test
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
        .containsPattern("Replica \\d: In step \\d+: Non-finite loss: ")
        .contains("lower optimiser.learning-rate")
        .doesNotContain("\tat ");
    int finished = runs.rounds("diverged").size();
    if (finished > 0) {
      assertThat(ended.said()).contains("checkpoint round-%08d has all".formatted(finished));
    }
  }

  @Test
  public void aRunThatDivergesLaterKeepsTheRoundsBefore() throws Exception {
    Process job = runs.cluster().start(List.of(), runs.pretrain("steep"));
    runs.awaitRounds("steep", job, 3);
    Processes.signal(job.toHandle(), "TERM");
    Ended stopped = TestCluster.end(job);
    assertThat(stopped.exit()).as(stopped.said()).isEqualTo(128 + 15);
    int finished = runs.rounds("steep").size();

    // Steps enough to diverge before the round is done.
    List<String> steeper =
        runs.pretrain(
            "steep",
            "optimiser { kind = sgd, learning-rate = 1e3, warmup-epochs = 0 }",
            "training.local-steps = 16");
    steeper.add("--resume");
    for (String changed :
        List.of(
            "optimiser.kind",
            "optimiser.learning-rate",
            "optimiser.warmup-epochs",
            "training.local-steps")) {
      steeper.addAll(List.of("--allow", changed));
    }
    Ended diverged = runs.cluster().run(List.of(), steeper);
    assertThat(diverged.exit()).as(diverged.said()).isEqualTo(1);
    assertThat(diverged.said())
        .contains("Stopped in round %d of ".formatted(finished + 1), "Non-finite loss: ")
        .contains("checkpoint round-%08d has all".formatted(finished));

    runs.assertSame("steep", "quiet", runs.resume("steep"));
  }

  @Test
  public void anExecutorOutOfMemoryIsSaidSo() throws Exception {
    Ended ended =
        runs.cluster()
            .run(
                // Two batches of 8000 clips, one read ahead of the other, are 600 MB.
                List.of("--executor-memory", "480m", "--conf", "spark.task.maxFailures=1"),
                runs.pretrain("starved", "training { batch-size = 8000, epochs = 4000 }"));

    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(ended.said())
        .contains(
            "Stopped in round 1 of 2, an executor ran out of memory (give it more by"
                + " --executor-memory, or lower training.batch-size",
            "no round was finished");
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
}
