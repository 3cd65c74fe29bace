package dev.mien.spark.config;

/** What becomes of AdamW's moments between rounds. */
public enum InnerState {
  /** Averaged with the parameters, so that a replica carries nothing. */
  AVERAGE,
  /** Each replica keeps its own, as in DiLoCo. */
  LOCAL,
  /** Zero again, and its count of steps with them. */
  RESET
}
