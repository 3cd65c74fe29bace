package dev.mien.spark.config;

/** The model module's optimisers. */
enum OptimiserKind {
  ADAMW,
  SGD
}
