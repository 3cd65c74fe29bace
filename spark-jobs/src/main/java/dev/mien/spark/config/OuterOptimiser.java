package dev.mien.spark.config;

/** How the driver makes the next state from the replicas' average. */
public enum OuterOptimiser {
  /** The average is the next state. */
  NONE,
  /** Nesterov's momentum over the rounds, as in DiLoCo. */
  NESTEROV
}
