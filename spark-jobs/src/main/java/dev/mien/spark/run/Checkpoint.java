package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterVector;
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

  /** What replicas keep of their own, by its name in the checkpoint's folder. */
  public Map<String, Manifest.StoredFile> replicas() {
    return ReplicaFile.among(manifest.files());
  }
}
