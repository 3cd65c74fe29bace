package dev.mien.spark.config;

/** Where networks live. */
public enum ComputeDevice {
  CPU,
  /** The GPU that Spark's resource scheduling gave to the task. */
  GPU
}
