package dev.mien.spark.pretrain;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.LearningRateSchedule;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.spark.config.AveragingOptions;
import dev.mien.spark.config.TrainingOptions;

/** All that a replica must know beside its samples and the state; the same in every round. */
public record RunSpecification(
    MarlinArchitecture architecture,
    ObjectiveOptions objective,
    OptimiserOptions optimiser,
    LearningRateSchedule schedule,
    TrainingOptions training,
    AveragingOptions averaging) {

  /**
   * All of it.
   *
   * @throws IllegalArgumentException when the pixels of a batch are more than one buffer can hold
   */
  public RunSpecification {
    int largest = Integer.MAX_VALUE / architecture.clipBytes();
    if (training.batchSize() > largest) {
      throw new IllegalArgumentException(
          ("Invalid training.batch-size: %d (must be at most %d: the pixels of a batch, %d bytes a"
                  + " clip, lie in one buffer of less than 2 GiB, whatever training.micro-batch;"
                  + " raise training.replicas for a larger step)")
              .formatted(training.batchSize(), largest, architecture.clipBytes()));
    }
  }
}
