package dev.mien.model.train;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.marlin.MarlinInitialisation;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Tensor;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that moves between rounds: parameters (generator, then discriminator) and AdamW's moments,
 * each one flat vector of the same layout.
 *
 * @param steps optimiser steps taken
 */
public record TrainingState(
    long steps,
    ParameterVector parameters,
    ParameterVector firstMoment,
    ParameterVector secondMoment) {
  private static final String FIRST_MOMENT = "first_moment.";
  private static final String SECOND_MOMENT = "second_moment.";

  public TrainingState {
    if (steps < 0) {
      throw new IllegalArgumentException("Invalid steps: " + steps + " (must be at least 0)");
    }
    if (!firstMoment.layout().equals(parameters.layout())
        || !secondMoment.layout().equals(parameters.layout())) {
      throw new IllegalArgumentException(
          "Invalid moments: %s and %s (must have the parameters' layout, %s)"
              .formatted(firstMoment.layout(), secondMoment.layout(), parameters.layout()));
    }
  }

  /** Fresh parameters that follow from the seed alone, moments of zero, no steps. */
  public static TrainingState initial(MarlinArchitecture a, long seed) {
    ParameterVector parameters = MarlinInitialisation.draw(a, seed);
    ParameterLayout layout = parameters.layout();
    return new TrainingState(
        0, parameters, ParameterVector.zeros(layout), ParameterVector.zeros(layout));
  }

  /**
   * The state that {@link #tensors} described; further tensors are ignored.
   *
   * @throws IllegalArgumentException if a tensor is missing or of another shape
   */
  public static TrainingState of(MarlinArchitecture a, long steps, Map<String, Tensor> tensors) {
    ParameterLayout layout = a.layout();
    return new TrainingState(
        steps,
        ParameterVector.of(layout, "", tensors),
        ParameterVector.of(layout, FIRST_MOMENT, tensors),
        ParameterVector.of(layout, SECOND_MOMENT, tensors));
  }

  /**
   * Copies for a checkpoint: the parameters under the reference's names, the moments under the same
   * with {@code first_moment.} and {@code second_moment.} before them.
   */
  public Map<String, Tensor> tensors() {
    var tensors = new TreeMap<String, Tensor>();
    tensors.putAll(parameters.tensors(""));
    tensors.putAll(firstMoment.tensors(FIRST_MOMENT));
    tensors.putAll(secondMoment.tensors(SECOND_MOMENT));
    return tensors;
  }
}
