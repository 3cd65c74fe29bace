package dev.mien.spark.config;

import dev.mien.model.marlin.WindowSampling;
import java.io.Serializable;

/**
 * How clips are embedded.
 *
 * @param batchSize windows in one forward pass
 * @param stride frames between two frames of a window; 0 means that of the model's training
 * @param windowStride frames of a window between the starts of two windows
 * @param tail what becomes of frames after the last regular window
 * @param output the embedding of a window
 */
public record EmbeddingOptions(
    int batchSize, int stride, int windowStride, WindowSampling.Tail tail, Output output)
    implements Serializable {

  /** The embedding of a window. */
  public enum Output {
    /** The mean of its tokens, then the norm: as many floats as the encoder is wide. */
    POOLED,
    /** All tokens after the norm, one after the other: tokens times width floats. */
    SEQUENCE
  }
}
