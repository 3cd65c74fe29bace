package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.run.Snapshot.Values;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What checkpoints of tests are written from. */
public final class Snapshots {

  private Snapshots() {}

  /** All of a state that replicas carry nothing of. */
  public static Snapshot of(TrainingState state) {
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
