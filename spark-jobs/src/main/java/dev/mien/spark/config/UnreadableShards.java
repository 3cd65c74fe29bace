package dev.mien.spark.config;

/** What a run does when a row group cannot be read. */
public enum UnreadableShards {
  /** It stops, naming the row group. */
  STOP,
  /** It leaves out its samples, and counts them. */
  SKIP
}
