package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterVector;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A training state and what made it.
 *
 * @param moments AdamW's two; empty when replicas keep them or start without
 * @param outerMomentum of the outer optimiser, if there is one
 */
public record Checkpoint(
    Manifest manifest,
    ParameterVector parameters,
    List<ParameterVector> moments,
    Optional<ParameterVector> outerMomentum) {

  /** The files that replicas keep for themselves, by name in the checkpoint's folder. */
  public Map<String, Manifest.StoredFile> replicas() {
    return ReplicaFile.among(manifest.files());
  }
}
