package dev.mien.spark.config;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.preprocessing.crop.CropOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Options of training in rounds.
 *
 * @param seed from which every random draw of the run is derived
 * @param subset of the dataset to train on; empty means all of it
 * @param epochs passes over the training clips
 * @param batchSize clips in one local step of one replica
 * @param replicas M, the number of logical workers
 * @param localSteps τ, optimiser steps between two averages, unless rounds last for a time
 * @param stride frames between two frames of a window
 * @param taskLimit time after which a replica's task is considered hung; zero means none
 * @param microBatch clips that are differentiated at a time; 0 means the whole batch
 * @param precision of the network's arithmetic; the state is always float32
 * @param device that the network runs on
 */
public record TrainingOptions(
    long seed,
    String subset,
    int epochs,
    int batchSize,
    int replicas,
    int localSteps,
    int stride,
    ReadingOptions reading,
    ValidationOptions validation,
    Duration taskLimit,
    int microBatch,
    AugmentationOptions augmentation,
    Precision precision,
    ComputeDevice device) {

  /**
   * Clips in one optimiser step of all replicas together, the batch size that learning rates scale
   * with.
   */
  public int totalBatch() {
    return replicas * batchSize;
  }

  /**
   * Why values that are valid by themselves cannot be combined: images are larger than those of
   * stored clips, a batch's pixels exceed one buffer, or its masks cannot be drawn.
   */
  public List<String> problems(MarlinArchitecture model, ObjectiveOptions objective) {
    List<String> problems = new ArrayList<>();
    if (model.image() > CropOptions.SIZE) {
      problems.add(
          "Invalid model.image: %d (must be at most %d, the side of a stored clip)"
              .formatted(model.image(), CropOptions.SIZE));
    }
    int largest = Integer.MAX_VALUE / model.clipBytes();
    if (batchSize > largest) {
      problems.add(
          ("Invalid training.batch-size: %d (must be at most %d: the pixels of a batch, %d bytes a"
                  + " clip, lie in one buffer of less than 2 GiB, whatever training.micro-batch;"
                  + " raise training.replicas for a larger step)")
              .formatted(batchSize, largest, model.clipBytes()));
    }
    objective.problems(model).forEach(problem -> problems.add("In objective: " + problem));
    return problems;
  }
}
