package dev.mien.spark.pretrain.replica;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.LearningRateSchedule;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.spark.config.TrainingOptions;
import java.time.Duration;
import java.util.List;

/**
 * All that a replica must know besides its samples and the state; it is the same in every round.
 *
 * @param retryTime how long to try again what a file system refuses
 */
public record RunSpecification(
    MarlinArchitecture architecture,
    ObjectiveOptions objective,
    OptimiserOptions optimiser,
    LearningRateSchedule schedule,
    TrainingOptions training,
    Duration retryTime) {

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException with all {@link TrainingOptions#problems}
   */
  public RunSpecification {
    List<String> problems = training.problems(architecture, objective);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }
}
