package dev.mien.spark.config;

import dev.mien.model.nn.Precision;

/**
 * Training in rounds: what is drawn, how long, and what is kept.
 *
 * @param seed the one seed from which every random draw of the run comes
 * @param epochs passes over the training clips
 * @param batchSize clips in one local step of one replica
 * @param replicas logical workers M
 * @param localSteps optimiser steps τ between two averages
 * @param stride frames between two frames of a window
 * @param windowsPerClip windows drawn from a clip each time it is read
 * @param shuffleRowGroups row groups whose clips are mixed together
 * @param validationFraction share of people or tracks held out, in [0,1)
 * @param validationClips clips held out that are looked at, at most
 * @param validateEvery rounds between two validations
 * @param checkpointEvery rounds between two checkpoints
 * @param checkpointsKept newest checkpoints that stay
 * @param cacheSize bytes of stored clips that an executor keeps
 * @param microBatch clips that are differentiated at a time; 0 = a whole batch
 * @param precision of the network's arithmetic; the state is float32 always
 * @param device where the network lives
 */
public record TrainingOptions(
    long seed,
    int epochs,
    int batchSize,
    int replicas,
    int localSteps,
    int stride,
    int windowsPerClip,
    int shuffleRowGroups,
    double validationFraction,
    int validationClips,
    int validateEvery,
    int checkpointEvery,
    int checkpointsKept,
    long cacheSize,
    int microBatch,
    AugmentationOptions augmentation,
    Precision precision,
    ComputeDevice device) {

  /** Clips in one optimiser step of all replicas together, the batch that rates scale with. */
  public int totalBatch() {
    return replicas * batchSize;
  }

  /** Clips in one round of all replicas together. */
  public int roundSamples() {
    return replicas * localSteps * batchSize;
  }
}
