package dev.mien.spark.pretrain.replica;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.LearningRateSchedule;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.spark.config.AveragingOptions;
import dev.mien.spark.config.TrainingOptions;
import java.util.ArrayList;
import java.util.List;

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
   * @throws IllegalArgumentException when images are larger than those of stored clips, the pixels
   *     of a batch are more than one buffer can hold, or its masks cannot be drawn, with all that
   *     is wrong
   */
  public RunSpecification {
    List<String> problems = new ArrayList<>();
    if (architecture.image() > CropOptions.SIZE) {
      problems.add(
          "Invalid model.image: %d (must be at most %d, the side of a stored clip)"
              .formatted(architecture.image(), CropOptions.SIZE));
    }
    int largest = Integer.MAX_VALUE / architecture.clipBytes();
    if (training.batchSize() > largest) {
      problems.add(
          ("Invalid training.batch-size: %d (must be at most %d: the pixels of a batch, %d bytes a"
                  + " clip, lie in one buffer of less than 2 GiB, whatever training.micro-batch;"
                  + " raise training.replicas for a larger step)")
              .formatted(training.batchSize(), largest, architecture.clipBytes()));
    }
    objective.problems(architecture).forEach(problem -> problems.add("In objective: " + problem));
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }
}
