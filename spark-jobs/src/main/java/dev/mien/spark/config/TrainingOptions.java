package dev.mien.spark.config;

import dev.mien.model.nn.Precision;
import java.time.Duration;

/**
 * Training in rounds: what is drawn, how long, and what is kept.
 *
 * @param seed the one seed from which every random draw of the run comes
 * @param subset of the dataset to train on; empty is all of it
 * @param epochs passes over the training clips
 * @param batchSize clips in one local step of one replica
 * @param replicas logical workers M
 * @param localSteps optimiser steps τ between two averages, unless time decides
 * @param stride frames between two frames of a window
 * @param windowsPerClip windows drawn from a clip each time it is read
 * @param shuffleRowGroups row groups whose clips are mixed together
 * @param validationUnit what is held out whole
 * @param validationFraction share of people or tracks held out, in [0,0.99]
 * @param validationClips clips held out that are looked at, at most
 * @param validationPictures of those, how many reconstructions TensorBoard shows, at most
 * @param validateEvery rounds between two validations
 * @param cacheSize bytes of stored clips that an executor keeps
 * @param taskLimit time after which a replica's task is taken to hang; zero = none
 * @param unreadableShards what is done about row groups that cannot be read
 * @param microBatch clips that are differentiated at a time; 0 = a whole batch
 * @param precision of the network's arithmetic; the state is float32 always
 * @param device where the network lives
 */
public record TrainingOptions(
    long seed,
    String subset,
    int epochs,
    int batchSize,
    int replicas,
    int localSteps,
    int stride,
    int windowsPerClip,
    int shuffleRowGroups,
    ValidationUnit validationUnit,
    double validationFraction,
    int validationClips,
    int validationPictures,
    int validateEvery,
    long cacheSize,
    Duration taskLimit,
    UnreadableShards unreadableShards,
    int microBatch,
    AugmentationOptions augmentation,
    Precision precision,
    ComputeDevice device) {

  /** Clips in one optimiser step of all replicas together, the batch that rates scale with. */
  public int totalBatch() {
    return replicas * batchSize;
  }
}
