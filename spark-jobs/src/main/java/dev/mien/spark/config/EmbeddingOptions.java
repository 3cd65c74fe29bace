package dev.mien.spark.config;

/**
 * How clips are embedded.
 *
 * @param batchSize windows in one forward pass
 * @param stride frames between two frames of a window
 */
public record EmbeddingOptions(int batchSize, int stride) {}
