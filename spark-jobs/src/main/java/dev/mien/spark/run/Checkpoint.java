package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A training state and what made it.
 *
 * @param moments AdamW's two, or none when replicas keep them or start without
 * @param outerMomentum of the driver's own steps, if it takes any
 */
public record Checkpoint(
    Manifest manifest,
    ParameterVector parameters,
    List<ParameterVector> moments,
    Optional<ParameterVector> outerMomentum) {

  /** The state as one replica would start from it; moments that are not here are zero. */
  public TrainingState state() {
    return new TrainingState(manifest.steps(), parameters, moment(0), moment(1));
  }

  /** Optimiser steps that the moments hold, those of {@link #moments} or the replicas' own. */
  public long momentSteps() {
    return manifest.momentSteps() == null ? manifest.steps() : manifest.momentSteps();
  }

  /** What replicas keep of their own, by its name in the checkpoint's folder. */
  public Map<String, Manifest.StoredFile> replicas() {
    return ReplicaFile.among(manifest.files());
  }

  private ParameterVector moment(int number) {
    return moments.isEmpty() ? ParameterVector.zeros(parameters.layout()) : moments.get(number);
  }
}
