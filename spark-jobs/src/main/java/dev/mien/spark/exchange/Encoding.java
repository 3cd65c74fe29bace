package dev.mien.spark.exchange;

/** How a replica's parameters are encoded on the way to the average. */
public enum Encoding {
  /** The float32 values themselves. */
  FLOAT32,
  /** Differences from the round's start, rounded to bfloat16: half the bytes. */
  BFLOAT16,
  /**
   * Differences from the round's start in 255 steps of a scale per block of values: a quarter of
   * the bytes.
   */
  INT8
}
