package dev.mien.spark.preprocess;

/** Which quarantined videos are tried again although they have not changed. */
public enum Retry {
  /**
   * Videos that could not be read, or whose process was killed from outside: storage or machine may
   * have recovered.
   */
  PREVENTED,
  /** All quarantined videos: limits were raised, or what had failed was the machine. */
  QUARANTINED
}
