package dev.mien.spark.config;

/** What a run does about a row group that cannot be read. */
public enum UnreadableShards {
  /** Stops, naming it. */
  STOP,
  /** Leaves its samples out and counts them. */
  SKIP
}
