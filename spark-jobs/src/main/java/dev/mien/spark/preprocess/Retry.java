package dev.mien.spark.preprocess;

/** Which videos that were quarantined are tried again though they have not changed. */
public enum Retry {
  /**
   * Those that could not be read, or whose process was killed from outside: storage and machine may
   * be well again.
   */
  PREVENTED,
  /** All: limits were raised, or what had failed was the machine. */
  QUARANTINED
}
