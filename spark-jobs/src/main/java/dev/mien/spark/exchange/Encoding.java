package dev.mien.spark.exchange;

/** How a replica's parameters travel to the average. */
public enum Encoding {
  /** As they are. */
  FLOAT32,
  /** As the difference from the round's start, rounded to bfloat16: half the bytes. */
  BFLOAT16,
  /** As that difference in 255 steps of a scale for each block of values: a quarter. */
  INT8
}
