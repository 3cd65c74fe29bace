package dev.mien.model.train;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.ParameterVector;

/** All that moves between rounds. */
@SuppressWarnings("DoNotCallSuggester")
public record TrainingState(
    long steps,
    ParameterVector parameters,
    ParameterVector firstMoment,
    ParameterVector secondMoment) {
  public static TrainingState initial(MarlinArchitecture a, long seed) {
    throw new UnsupportedOperationException();
  }
}
