package dev.mien.spark.config;

/** What becomes of AdamW's moments between rounds. */
public enum InnerState {
  /** They are averaged with the parameters, so that a replica keeps nothing. */
  AVERAGE,
  /** Each replica keeps its own, as in DiLoCo. */
  LOCAL,
  /** They are zero again, and so is the number of steps that they have accumulated. */
  RESET
}
