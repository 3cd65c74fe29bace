package dev.mien.spark.pretrain;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.run.CheckpointWriter;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Divergence;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.storage.Patience;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes the checkpoints of one run while it trains. Close it. */
final class RunCheckpoints implements AutoCloseable {

  /** How local disks and HDFS report that space or a quota is exhausted. */
  private static final Pattern NO_SPACE =
      Pattern.compile("no space left|quota", Pattern.CASE_INSENSITIVE);

  private final MienConfiguration configuration;
  private final FaceVideoDataset dataset;
  private final Plan plan;
  private final RunFolder folder;
  private final Checkpoints checkpoints;
  private final TensorBoard board;
  private final CheckpointWriter writer;
  private final Ancestry ancestry;
  private final Patience patience;
  private long written;
  private Map<String, Double> told;

  /**
   * Begins with a state.
   *
   * @param ancestry of the state
   * @param patience how long to try again when the run's file system refuses
   */
  RunCheckpoints(
      MienConfiguration configuration,
      FaceVideoDataset dataset,
      Plan plan,
      RunFolder folder,
      RoundState start,
      Ancestry ancestry,
      Patience patience) {
    this.configuration = configuration;
    this.dataset = dataset;
    this.plan = plan;
    this.folder = folder;
    this.checkpoints = folder.checkpoints();
    this.board = folder.board();
    this.writer =
        new CheckpointWriter(
            checkpoints, configuration.checkpoints(), patience, ancestry.checkpoint());
    this.ancestry = ancestry;
    this.patience = patience;
    this.written = start.round();
    this.told = ancestry.figures();
  }

  /** Name of the last whole checkpoint; empty when there is none. */
  String last() {
    return writer.last();
  }

  /**
   * Folder of the checkpoint after a round, whether or not it is written; replicas keep their files
   * there.
   */
  String folder(long round) {
    return checkpoints.folder(round);
  }

  /**
   * Begins to write a state if a checkpoint is due. The run's last state is left to {@link
   * #secure}.
   *
   * @throws RunStoppedException when neither the checkpoint before nor this one can be written
   */
  void reached(RoundState state, Map<String, Double> figures) {
    try {
      if (state.round() != written && writer.due(state.round())) {
        write(state, figures);
      } else {
        writer.check();
      }
    } catch (IOException e) {
      again(state, figures, e);
    }
  }

  /**
   * Deletes the files that replicas kept for a finished round, unless they belong to a checkpoint.
   *
   * @throws IOException when they cannot be deleted
   */
  void passed(RoundState former) throws IOException {
    if (!former.replicas().isEmpty() && former.round() != written) {
      checkpoints.discard(former.round());
    }
  }

  /**
   * Writes the run's last state as a checkpoint, due or not, and waits for it.
   *
   * @throws RunStoppedException when it cannot be written
   */
  void secure(RoundState state, Map<String, Double> figures) {
    try {
      if (state.round() != written) {
        write(state, figures);
      }
      writer.await();
      if (isLast(state) && isValidated(state, figures) && !isValidated(state, told)) {
        // the run was stopped at this state before, and wrote it then
        patience.write(() -> checkpoints.describe(state.round(), figures));
      }
    } catch (IOException e) {
      again(state, figures, e);
    }
  }

  private boolean isLast(RoundState state) {
    return writer.last().equals(Checkpoints.name(state.round()));
  }

  private static boolean isValidated(RoundState state, Map<String, Double> figures) {
    return figures.getOrDefault("validation_round", -1.0) == state.round();
  }

  /**
   * Waits until the last checkpoint is written.
   *
   * @param state the run's current one, which may be newer than that checkpoint
   * @throws RunStoppedException when it cannot be written
   */
  void settle(RoundState state) {
    try {
      writer.await();
    } catch (IOException e) {
      throw notWritten(state, e);
    }
  }

  /** Records why resuming the run unchanged would only repeat rounds that end in divergence. */
  void diverged(Throwable failure) {
    try {
      folder.owner().require();
      Divergence.of(
              FailedRound.reason(failure), dataset.uri(), dataset.version().videos(), configuration)
          .write(folder.hadoop(), folder.run());
    } catch (IOException e) {
      System.out.println("Cannot keep that the run has diverged: " + FirstLine.of(e));
    }
  }

  @Override
  public void close() {
    writer.close();
  }

  /**
   * Writes a checkpoint of the current state after an earlier one failed, since the cause may have
   * passed.
   */
  private void again(RoundState state, Map<String, Double> figures, IOException failure) {
    if (isLast(state)) {
      throw notWritten(state, failure); // the checkpoint is whole, and only its description failed
    }
    long failed = written;
    boolean isWhole = writer.last().equals(Checkpoints.name(failed));
    System.out.printf(
        "%s (trying once more, after round %d)%n", failure.getMessage(), state.round());
    try {
      write(state, figures);
      writer.await();
      if (failed != state.round() && !isWhole) {
        checkpoints.discard(
            failed); // until then the next round would have started from the files of its replicas
      }
    } catch (IOException e) {
      e.addSuppressed(failure);
      throw notWritten(state, e);
    }
  }

  private void write(RoundState state, Map<String, Double> figures) throws IOException {
    writer.await(); // before the name is used for the next checkpoint's parent
    board.turn(); // a run that is resumed here does not write the figures of earlier rounds
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            state.round(),
            state.steps(),
            state.momentSteps(),
            CodeVersion.current(),
            dataset.uri(),
            dataset.version().videos(),
            ancestry.versions(),
            plan.data(),
            configuration.training().seed(),
            configuration.source(),
            writer.last(),
            ancestry.weights(),
            Map.copyOf(figures),
            Map.of());
    writer.write(manifest, state.snapshot(plan.run().architecture().layout()));
    written = state.round();
    told = manifest.figures();
  }

  private RunStoppedException notWritten(RoundState state, IOException failure) {
    String last = writer.last();
    return new RunStoppedException(
        "Stopped after %s. %s: %s (%s)"
            .formatted(
                plan.lastRound(state.round(), state.steps()),
                failure.getMessage(),
                last.isEmpty() ? "there is none" : "the last one is " + last,
                NO_SPACE.matcher(String.valueOf(failure.getMessage())).find()
                    ? "make room and go on with --resume"
                    : "go on with --resume when that is mended"),
        failure);
  }
}
