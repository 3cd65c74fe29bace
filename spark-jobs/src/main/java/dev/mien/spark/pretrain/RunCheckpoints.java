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

/** The checkpoints of one run, as it comes to them. Close it. */
final class RunCheckpoints implements AutoCloseable {

  /** What local disks and HDFS say, by itself or by a limit. */
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
   * Goes on from a state.
   *
   * @param ancestry of the state
   * @param patience with the run's file system
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

  /** Name of the last one that is whole; empty when there is none. */
  String last() {
    return writer.last();
  }

  /** Where the checkpoint after a round lies, or would, and what replicas keep until then. */
  String folder(long round) {
    return checkpoints.folder(round);
  }

  /**
   * Begins to write a state when it is due. The run's last state is left to {@link #secure}.
   *
   * @throws RunStoppedException when the one before could not be written, nor this one
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
   * Takes away what replicas had kept for a round that is done, unless it is in a checkpoint.
   *
   * @throws IOException when that cannot be taken away
   */
  void passed(RoundState former) throws IOException {
    if (!former.replicas().isEmpty() && former.round() != written) {
      checkpoints.discard(former.round());
    }
  }

  /**
   * Waits until a state that is the last is in a checkpoint, due or not.
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
        // stopped before, when it was written
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
   * Waits until the last one is written.
   *
   * @param state that the run has come to, which need not be in it
   * @throws RunStoppedException when it cannot be written
   */
  void settle(RoundState state) {
    try {
      writer.await();
    } catch (IOException e) {
      throw notWritten(state, e);
    }
  }

  /** Says why whoever starts the run again, as it is, would train the same rounds for nothing. */
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

  /** Once more, by the state at hand: what failed may have passed. */
  private void again(RoundState state, Map<String, Double> figures, IOException failure) {
    if (isLast(state)) {
      throw notWritten(state, failure); // it is whole, and could not be described
    }
    long failed = written;
    boolean isWhole = writer.last().equals(Checkpoints.name(failed));
    System.out.printf(
        "%s (trying once more, after round %d)%n", failure.getMessage(), state.round());
    try {
      write(state, figures);
      writer.await();
      if (failed != state.round() && !isWhole) {
        checkpoints.discard(failed); // replicas' files, which a round was still to go on from
      }
    } catch (IOException e) {
      e.addSuppressed(failure);
      throw notWritten(state, e);
    }
  }

  private void write(RoundState state, Map<String, Double> figures) throws IOException {
    writer.await(); // before its name is taken for the parent
    board.turn(); // a run that goes on from here shows nothing of the rounds before
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
