package dev.mien.spark.run;

import dev.mien.model.train.TrainingState;

/** A training state and what made it. */
public record Checkpoint(Manifest manifest, TrainingState state) {}
