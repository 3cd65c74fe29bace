package dev.mien.spark.pretrain;

import ai.djl.Device;
import dev.mien.model.train.Execution;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.pretrain.replica.BatchReader;
import dev.mien.spark.pretrain.replica.ClipCache;
import dev.mien.spark.pretrain.replica.RunSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

/**
 * Prints how many clips a second a batch reader makes of stored ones (JPEG decoded, masks drawn, in
 * one thread or {@code -Dthreads=N}), how many a step of ViT-S takes, and how long the step waits
 * for them: {@code mvn -Pchecks verify -Dit.test=InputBenchmark}, with {@code -Dprecision=bfloat16}
 * where the processor multiplies it.
 */
public class InputBenchmark {

  private static final String PRECISION = System.getProperty("precision", "float32");
  private static final int THREADS = Integer.getInteger("threads", 1);
  private static final int READ = 400;
  private static final int TRAINED = 24;
  private static final int WARM_UP = 8;

  @Test
  public void measure() throws IOException {
    MienConfiguration configuration =
        MienConfiguration.load(
            Optional.of("marlin-small"),
            Optional.empty(),
            List.of(
                "training { replicas = 1, batch-size = 2, validation-fraction = 0, precision = "
                    + PRECISION
                    + " }"));
    Path folder = Files.createTempDirectory("input");
    try (SparkSession spark = LocalSpark.open(configuration)) {
      String dataset = folder.resolve("dataset").toUri().toString();
      new PreprocessJob(spark, configuration)
          .run(PreprocessInputs.of(TestVideos.CAP12.toUri().toString()), dataset);
      Plan plan =
          Plan.of(configuration, ClipIndex.read(spark, FaceVideoDataset.open(spark, dataset)));
      measure(plan, spark.sessionState().newHadoopConf());
    }
  }

  private static void measure(Plan plan, Configuration hadoop) throws IOException {
    RunSpecification run = plan.run();
    try (BatchReader reader = new BatchReader(run, new ClipCache(1L << 30), THREADS);
        LocalTrainer trainer =
            LocalTrainer.open(
                run.architecture(),
                run.objective(),
                run.optimiser(),
                new Execution(Device.cpu(), run.training().precision(), 0))) {
      reader.forEach(plan.order().samples(0, READ), hadoop, (batch, waited) -> {});
      long start = System.nanoTime();
      reader.forEach(plan.order().samples(READ, READ), hadoop, (batch, waited) -> {});
      double read = READ / seconds(System.nanoTime() - start);

      trainer.load(TrainingState.initial(run.architecture(), run.training().seed()));
      reader.forEach(
          plan.order().samples(0, WARM_UP), hadoop, (batch, waited) -> trainer.step(batch, 1e-5));
      long[] waiting = {0};
      start = System.nanoTime();
      reader.forEach(
          plan.order().samples(WARM_UP, TRAINED),
          hadoop,
          (batch, waited) -> {
            waiting[0] += waited;
            trainer.step(batch, 1e-5);
          });
      double training = seconds(System.nanoTime() - start);
      System.out.printf(
          "read %.0f clips/s; %s steps of %d clips take %.2f clips/s, of which reading is %.1f times"
              + " as fast, and wait %.2f %% of their time%n",
          read,
          PRECISION,
          run.training().batchSize(),
          TRAINED / training,
          read * training / TRAINED,
          100 * seconds(waiting[0]) / training);
    }
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
