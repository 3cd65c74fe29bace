package dev.mien.spark.pretrain;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.run.CheckpointWriter;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifest;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The checkpoints of one run, as it comes to them. Close it. */
final class RunCheckpoints implements AutoCloseable {

  private final MienConfiguration configuration;
  private final FaceVideoDataset dataset;
  private final Plan plan;
  private final Checkpoints checkpoints;
  private final CheckpointWriter writer;
  private long written;
  private String last;

  /**
   * Goes on from a state.
   *
   * @param parent name of the checkpoint that the state is of, or empty
   */
  RunCheckpoints(
      MienConfiguration configuration,
      FaceVideoDataset dataset,
      Plan plan,
      Checkpoints checkpoints,
      RoundState start,
      String parent) {
    this.configuration = configuration;
    this.dataset = dataset;
    this.plan = plan;
    this.checkpoints = checkpoints;
    this.writer = new CheckpointWriter(checkpoints, configuration.checkpoints());
    this.written = start.round();
    this.last = parent;
  }

  /** Name of the last one, whole or being written; empty when there is none. */
  String last() {
    return last;
  }

  /**
   * Begins to write a state when it is due. The run's last state is left to {@link #secure}.
   *
   * @throws RunStoppedException when the one before could not be written
   */
  void reached(RoundState state, Map<String, Double> figures) throws IOException {
    try {
      if (state.round() != written && writer.due(state.round())) {
        write(state, figures);
      } else {
        writer.check();
      }
    } catch (IOException e) {
      throw notWritten(state, e);
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
  void secure(RoundState state, Map<String, Double> figures) throws IOException {
    try {
      if (state.round() != written) {
        write(state, figures);
      }
    } catch (IOException e) {
      throw notWritten(state, e);
    }
    settle(state);
  }

  /**
   * Waits until the last one is written.
   *
   * @param state that the run has come to, which need not be in it
   * @throws RunStoppedException when it cannot be written
   */
  void settle(RoundState state) throws IOException {
    try {
      writer.await();
    } catch (IOException e) {
      throw notWritten(state, e);
    }
  }

  @Override
  public void close() {
    writer.close();
  }

  private void write(RoundState state, Map<String, Double> figures) throws IOException {
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            state.round(),
            state.steps(),
            state.momentSteps(),
            CodeVersion.current(),
            dataset.uri(),
            dataset.version().videos(),
            plan.data(),
            configuration.training().seed(),
            configuration.source(),
            last,
            Map.copyOf(figures),
            Map.of());
    writer.write(manifest, state.snapshot(plan.run().architecture().layout()));
    written = state.round();
    last = Checkpoints.name(state.round());
  }

  private RunStoppedException notWritten(RoundState state, IOException failure) throws IOException {
    List<String> whole = checkpoints.names();
    return new RunStoppedException(
        "Stopped after round %d of %d. %s: %s"
            .formatted(
                state.round(),
                plan.rounds(),
                failure.getMessage(),
                whole.isEmpty()
                    ? "there is none"
                    : "the last one is %s (make room and go on with --resume)"
                        .formatted(whole.get(whole.size() - 1))),
        failure);
  }
}
