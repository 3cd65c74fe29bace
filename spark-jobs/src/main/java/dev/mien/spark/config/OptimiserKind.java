package dev.mien.spark.config;

/** Which of the model module's optimisers a replica steps with. */
enum OptimiserKind {
  ADAMW,
  SGD
}
