package dev.mien.spark.config;

/** The device that networks run on. */
public enum ComputeDevice {
  CPU,
  /** The GPU that Spark's resource scheduling gave to the task. */
  GPU
}
