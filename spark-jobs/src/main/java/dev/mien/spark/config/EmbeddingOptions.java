package dev.mien.spark.config;

import dev.mien.model.marlin.WindowSampling;
import java.io.Serializable;

/**
 * How clips are embedded.
 *
 * @param batchSize windows in one forward pass
 * @param stride frames between two frames of a window; 0 = as many as the model was trained with
 * @param windowStride frames of a window between the starts of two windows
 * @param tail what becomes of frames after the last regular window
 * @param output what a window gives
 */
public record EmbeddingOptions(
    int batchSize, int stride, int windowStride, WindowSampling.Tail tail, Output output)
    implements Serializable {

  /** What a window gives. */
  public enum Output {
    /** The mean of its tokens, then the norm: as many floats as the encoder is wide. */
    POOLED,
    /** Every token after the norm, one after the other: tokens times width floats. */
    SEQUENCE
  }
}
