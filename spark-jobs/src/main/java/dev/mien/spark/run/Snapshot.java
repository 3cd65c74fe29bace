package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a checkpoint is written from, read piece by piece while it is written.
 *
 * @param moments AdamW's two, or none when replicas keep them or start without
 * @param outerMomentum of the driver's own steps, if it takes any
 * @param replicas files that the replicas have written into the checkpoint's folder themselves
 */
public record Snapshot(
    ParameterLayout layout,
    Values parameters,
    List<Values> moments,
    Optional<Values> outerMomentum,
    Map<String, Manifest.StoredFile> replicas) {

  /** One vector of the layout. */
  @FunctionalInterface
  public interface Values {
    /** A copy of {@code count} values from index {@code from}. */
    float[] read(int from, int count);
  }

  /** All of a state that replicas carry nothing of. */
  static Snapshot of(TrainingState state) {
    return new Snapshot(
        state.parameters().layout(),
        values(state.parameters()),
        List.of(values(state.firstMoment()), values(state.secondMoment())),
        Optional.empty(),
        Map.of());
  }

  private static Values values(ParameterVector vector) {
    return (from, count) -> Arrays.copyOfRange(vector.values(), from, from + count);
  }
}
