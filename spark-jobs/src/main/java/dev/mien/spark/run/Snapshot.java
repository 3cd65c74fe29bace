package dev.mien.spark.run;

import dev.mien.model.parameters.ParameterLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a checkpoint is written from; it is read piece by piece while the checkpoint is written.
 *
 * @param moments AdamW's two; empty when replicas keep them or start without
 * @param outerMomentum of the outer optimiser, if there is one
 * @param replicas files that the replicas have written into the checkpoint's folder
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
}
