package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.pretrain.replica.Picture;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.run.Snapshot;
import dev.mien.spark.run.Snapshots;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Runs that stop before their last round: what they say, and what they leave. */
public class StoppedRunTest extends NoiseRunsFixture {

  @BeforeClass
  public void mountStuckFiles() {
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.stuck.impl", UndeletingFileSystem.class.getName());
    RefusingFileSystem.mount(spark);
  }

  @Test
  public void aStateThatHasDivergedIsSaidSo() throws IOException {
    start("diverged");
    forget("diverged", 6);
    Checkpoints checkpoints = new Checkpoints(hadoop(), uri("diverged"));
    Checkpoint fifth = newest("diverged");
    ParameterLayout layout = fifth.parameters().layout();
    checkpoints.write(
        fifth.manifest(),
        Snapshots.of(
            new TrainingState(
                fifth.manifest().steps(),
                filled(layout, Float.NaN),
                ParameterVector.zeros(layout),
                ParameterVector.zeros(layout))));

    assertThatThrownBy(
            () ->
                job("training.validate-every = 1")
                    .resume(uri("dataset"), uri("diverged"), Set.of("training.validate-every")))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContaining(
            "The validation loss after round 5 is NaN: the run has diverged (go on with a lower"
                + " optimiser.learning-rate and --allow optimiser.learning-rate, or with"
                + " optimiser.gradient-clip and --allow optimiser.gradient-clip)");
  }

  @Test
  public void aLossThatIsNoNumberIsSaidWithTheStepOfTheRun() throws IOException {
    String reset = "averaging.inner-state = reset"; // so that moments know of no former steps
    start("lost", reset);
    forget("lost", 5, 6);
    Checkpoint fourth = newest("lost");
    ParameterVector none = filled(fourth.parameters().layout(), Float.NaN);
    rewrite(
        "lost",
        new Checkpoint(fourth.manifest(), none, List.of(), Optional.empty()),
        List.of(),
        Optional.empty());

    assertThatThrownBy(() -> job(reset).resume(uri("dataset"), uri("lost"), Set.of()))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(": In step 9: Non-finite loss: StepLoss[", "clips [v-");
  }

  @Test
  public void aStateThatHasDivergedIsNotKept() throws IOException {
    String[] settings = {"averaging.outer.kind = nesterov", "training.validate-every = 1"};
    start("flung", settings);
    forget("flung", 5, 6);
    Checkpoint fourth = newest("flung");
    rewrite("flung", fourth, fourth.moments(), Optional.of(immense(fourth)));

    assertThatThrownBy(() -> job(settings).resume(uri("dataset"), uri("flung"), Set.of()))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(
            "The validation loss after round 5 is NaN", "the last checkpoint is round-00000004");
    assertThat(new Checkpoints(hadoop(), uri("flung")).names()).last().isEqualTo("round-00000004");
  }

  @Test
  public void anUpdateThatIsNoNumberEndsTheRun() throws IOException {
    String[] settings = {
      "training { local-steps = 1, epochs = 2 }", "objective.adversarial-weight = 0"
    };
    start("burst", settings);
    forget("burst", 5, 6);
    Checkpoint fourth = newest("burst");
    ParameterVector none = ParameterVector.zeros(fourth.parameters().layout());
    rewrite("burst", fourth, List.of(immense(fourth), none), Optional.empty());

    assertThatThrownBy(() -> job(settings).resume(uri("dataset"), uri("burst"), Set.of()))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContaining("The update of round 5 is ");
    assertThat(new Checkpoints(hadoop(), uri("burst")).names()).last().isEqualTo("round-00000004");
  }

  @Test
  public void whatCannotBeDiscardedStopsTheRunInACheckpoint() throws IOException {
    String run = "stuck:" + folder.resolve("stuck");
    String[] settings = {"averaging.inner-state = local", "training.checkpoint-every = 100"};

    UndeletingFileSystem.stuck = "round-00000001";
    assertThatThrownBy(() -> job(settings).start(uri("dataset"), run))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(
            "Stopped in round 3 of 6", "round-00000001 is stuck", "checkpoint round-00000002 has");
    UndeletingFileSystem.stuck = "";
    job(settings).resume(uri("dataset"), run, Set.of());

    assertThat(new Checkpoints(hadoop(), run).names())
        .containsExactly("round-00000002", "round-00000006");
    assertThat(checkpoints("stuck").resolve("round-00000001")).doesNotExist();
  }

  @Test
  public void aDriverOutOfMemoryStopsTheRunInACheckpointToo() {
    String run = "stuck:" + folder.resolve("starved");
    UndeletingFileSystem.stuck = "round-00000001";
    UndeletingFileSystem.starved = true;
    try {
      assertThatThrownBy(
              () ->
                  job("averaging.inner-state = local", "training.checkpoint-every = 100")
                      .start(uri("dataset"), run))
          .isInstanceOf(RunStoppedException.class)
          .hasMessageContainingAll(
              "the driver ran out of memory (give it more by --driver-memory): Java heap space",
              "checkpoint round-00000002 has");
    } finally {
      UndeletingFileSystem.stuck = "";
      UndeletingFileSystem.starved = false;
    }
  }

  @Test
  public void aCheckpointThatCannotBeWrittenIsFollowedByTheNext() throws IOException {
    String run = "refusing:" + folder.resolve("refused");
    AtomicInteger refusals = new AtomicInteger();
    RefusingFileSystem.refusal =
        path ->
            path.contains("round-00000002/model") && refusals.getAndIncrement() == 0
                ? "connection reset"
                : "";

    job("averaging.inner-state = local").start(uri("dataset"), run);

    assertThat(refusals.get()).isPositive();
    assertThat(new Checkpoints(hadoop(), run).names())
        .doesNotContain("round-00000002")
        .endsWith("round-00000006");
    assertThat(checkpoints("refused").resolve("round-00000002"))
        .as("of which the third round needed what replicas had kept")
        .doesNotExist();
  }

  @Test
  public void aFullDiskIsSaidWithTheLastCheckpoint() {
    RefusingFileSystem.refusal =
        path -> path.matches(".*round-0000000[3-6]/model.*") ? "No space left on device" : "";

    assertThatThrownBy(() -> job().start(uri("dataset"), "refusing:" + folder.resolve("full")))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(
            "Stopped after round ",
            "Cannot write a checkpoint: No space left on device: the last one is round-00000002"
                + " (make room and go on with --resume)");
  }

  @Test
  public void aRoundIsInACheckpointWhenItsFiguresCannotBeWritten() throws IOException {
    String run = "refusing:" + folder.resolve("unlogged");
    AtomicInteger lines = new AtomicInteger();
    RefusingFileSystem.refusal =
        path -> path.contains("/metrics/part") && lines.incrementAndGet() == 4 ? "quota" : "";

    assertThatThrownBy(() -> job("training.checkpoint-every = 100").start(uri("dataset"), run))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll("quota", "checkpoint round-00000003 has all");
    assertThat(newest("unlogged").manifest().figures().get("loss"))
        .isEqualTo(lines("unlogged", MetricsLog.ROUND).get(2).get("loss").getAsDouble());

    job("training.checkpoint-every = 100").resume(uri("dataset"), run, Set.of());
    assertThat(lines("unlogged", MetricsLog.ROUND))
        .extracting(line -> line.get("round").getAsInt())
        .containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  public void whatIsRefusedForAWhileEndsNoRun() throws IOException {
    String run = "refusing:" + folder.resolve("patient");
    AtomicInteger figures = new AtomicInteger();
    AtomicInteger models = new AtomicInteger();
    RefusingFileSystem.refusal =
        path ->
            (path.contains("/metrics/part") && figures.incrementAndGet() <= 2)
                    || (path.contains("round-00000002/model") && models.incrementAndGet() <= 2)
                ? "connection reset"
                : "";

    job("training.retry-time = 1h").start(uri("dataset"), run);

    assertThat(figures).hasValueGreaterThan(2);
    assertThat(models).hasValueGreaterThan(2);
    assertThat(lines("patient", MetricsLog.ROUND)).hasSize(6);
    assertThat(new Checkpoints(hadoop(), run).names()).hasSize(6).contains("round-00000002");
  }

  @Test
  public void anOldCheckpointThatCannotBeDeletedEndsNoRun() throws IOException {
    String run = "stuck:" + folder.resolve("protected");
    UndeletingFileSystem.stuck = "round-00000005"; // which the last of all replaces
    try {
      job("training.checkpoints-kept = 1").start(uri("dataset"), run);
    } finally {
      UndeletingFileSystem.stuck = "";
    }

    assertThat(new Checkpoints(hadoop(), run).names()).containsExactly("round-00000006");
    assertThat(checkpoints("protected").resolve("round-00000005")).exists();
  }

  @Test
  public void noRunEndsForWhatIsOnlyForShow() throws IOException {
    RefusingFileSystem.refusal = path -> path.contains("/tensorboard/") ? "quota" : "";

    job().start(uri("dataset"), "refusing:" + folder.resolve("unshown"));

    assertThat(newest("unshown").manifest().round()).isEqualTo(6);
    assertThat(lines("unshown", MetricsLog.ROUND)).hasSize(6);
  }

  @Test
  public void figuresThatCannotBeShownAreLeftOut() {
    RefusingFileSystem.refusal = path -> "";
    String run = "refusing:" + folder.resolve("half-shown");
    TensorBoard board = TensorBoard.start(hadoop(), run, 0, 0, 0);
    board.close(); // so that the file takes no more
    RefusingFileSystem.refusal = path -> path.contains("/tensorboard/") ? "quota" : "";
    JsonObject line =
        JsonParser.parseString("{kind: round, round: 1, step: 2, loss: 0.5}").getAsJsonObject();

    assertThatCode(() -> board.show(line)).doesNotThrowAnyException();
    assertThatCode(() -> board.show(2, List.of(new Picture("clip", 1, 1, new byte[1]))))
        .doesNotThrowAnyException();
  }

  @Test
  public void theWeightsThatARunBeganWithAreNoCheckpointOfIt() throws IOException {
    start("teacher");
    RefusingFileSystem.refusal =
        path -> path.contains("pupil") && path.contains("/metrics/part") ? "quota" : "";

    assertThatThrownBy(
            () ->
                job()
                    .beginningWith(uri("teacher"))
                    .start(uri("dataset"), "refusing:" + folder.resolve("pupil")))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageEndingWith("Stopped in round 1 of 6, quota: no round was finished");
  }

  @Test
  public void whyARoundFailedIsSaidWhereItCannotBeWrittenEither() {
    String run = "refusing:" + folder.resolve("gone");
    AtomicInteger lines = new AtomicInteger();
    RefusingFileSystem.refusal =
        path -> {
          if (path.contains("/metrics/part") && lines.incrementAndGet() >= 4) {
            return "no route to the metrics";
          }
          return lines.get() >= 4 ? "access denied" : "";
        };

    assertThatThrownBy(() -> job("training.checkpoint-every = 1").start(uri("dataset"), run))
        .isInstanceOf(RunStoppedException.class)
        .hasMessageContainingAll(
            "of 6: no route to the metrics",
            "Cannot write a checkpoint: access denied: the last one is round-0000000",
            " (go on with --resume when that is mended)");
  }

  private static ParameterVector immense(Checkpoint checkpoint) {
    return filled(checkpoint.parameters().layout(), Float.MAX_VALUE);
  }

  private static ParameterVector filled(ParameterLayout layout, float value) {
    float[] values = new float[layout.size()];
    Arrays.fill(values, value);
    return new ParameterVector(layout, values);
  }

  private void rewrite(
      String run,
      Checkpoint checkpoint,
      List<ParameterVector> moments,
      Optional<ParameterVector> outerMomentum)
      throws IOException {
    new Checkpoints(hadoop(), uri(run))
        .write(
            checkpoint.manifest(),
            new Snapshot(
                checkpoint.parameters().layout(),
                values(checkpoint.parameters()),
                moments.stream().map(StoppedRunTest::values).toList(),
                outerMomentum.map(StoppedRunTest::values),
                Map.of()));
  }

  private static Snapshot.Values values(ParameterVector vector) {
    return (from, count) -> Arrays.copyOfRange(vector.values(), from, from + count);
  }

  /** The files of this machine, of which one folder cannot be deleted. */
  public static final class UndeletingFileSystem extends RawLocalFileSystem {

    private static volatile String stuck = "";
    private static volatile boolean starved;

    @Override
    public URI getUri() {
      return URI.create("stuck:///");
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      if (path.getName().equals(stuck)) {
        if (starved) {
          throw new OutOfMemoryError("Java heap space");
        }
        throw new IOException(path + " is stuck");
      }
      return super.delete(path, recursive);
    }
  }
}
