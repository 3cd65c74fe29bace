package dev.mien.model.train;

import static dev.mien.model.Bounds.requireAtLeastZero;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.marlin.MarlinInitialisation;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;

/**
 * All that moves between rounds: parameters (generator, then discriminator) and AdamW's two
 * moments, each one flat vector of the same layout.
 *
 * @param steps optimiser steps taken
 */
public record TrainingState(
    long steps,
    ParameterVector parameters,
    ParameterVector firstMoment,
    ParameterVector secondMoment) {
  public TrainingState {
    requireAtLeastZero("steps", steps);
    if (!firstMoment.layout().equals(parameters.layout())
        || !secondMoment.layout().equals(parameters.layout())) {
      throw new IllegalArgumentException(
          "Invalid moments: %s and %s (must have the parameters' layout, %s)"
              .formatted(firstMoment.layout(), secondMoment.layout(), parameters.layout()));
    }
  }

  /** A state with parameters drawn from the seed, zero moments and no steps. */
  public static TrainingState initial(MarlinArchitecture a, long seed) {
    ParameterVector parameters = MarlinInitialisation.draw(a, seed);
    ParameterLayout layout = parameters.layout();
    return new TrainingState(
        0, parameters, ParameterVector.zeros(layout), ParameterVector.zeros(layout));
  }
}
