package dev.mien.spark.pretrain;

import ai.djl.Device;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.pretrain.replica.BatchReader;
import dev.mien.spark.pretrain.replica.ClipCache;
import dev.mien.spark.pretrain.replica.RunSpecification;
import java.io.IOException;
import java.util.Set;
import org.apache.spark.sql.SparkSession;

/** The loop that anyone would write, in this process, over the samples of a run. */
public final class PlainTraining {

  private PlainTraining() {}

  /** Where a run begins. */
  public static TrainingState initial(MienConfiguration configuration) {
    return TrainingState.initial(configuration.model(), configuration.training().seed());
  }

  /** Trains to the end. */
  public static TrainingState train(
      SparkSession spark, MienConfiguration configuration, String dataset) throws IOException {
    return train(spark, configuration, dataset, Set.of());
  }

  /**
   * Trains to the end.
   *
   * @param anew steps after which the moments are zero again
   */
  static TrainingState train(
      SparkSession spark, MienConfiguration configuration, String dataset, Set<Long> anew)
      throws IOException {
    ClipIndex index = ClipIndex.read(spark, FaceVideoDataset.open(spark, dataset));
    Plan plan = Plan.of(configuration, index);
    RunSpecification run = plan.run();
    int samples = Math.toIntExact(plan.steps() * run.training().totalBatch());

    try (LocalTrainer trainer =
            LocalTrainer.open(run.architecture(), run.objective(), run.optimiser(), Device.cpu());
        BatchReader reader = new BatchReader(run, new ClipCache(1 << 20), 1)) {
      trainer.load(initial(configuration));
      long[] step = {0};
      reader.forEach(
          plan.order().samples(0, samples),
          spark.sessionState().newHadoopConf(),
          (batch, waited) -> {
            if (anew.contains(step[0])) {
              ParameterVector zeros = ParameterVector.zeros(run.architecture().layout());
              trainer.load(new TrainingState(0, trainer.state().parameters(), zeros, zeros));
            }
            trainer.step(batch, run.schedule().at(step[0]++));
          });
      return trainer.state();
    }
  }
}
