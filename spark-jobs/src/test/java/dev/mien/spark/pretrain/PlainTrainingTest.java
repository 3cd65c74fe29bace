package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ClipIndex;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Rounds against the loop that anyone would write, on a sample video. */
public class PlainTrainingTest {

  private static final MienConfiguration CONFIGURATION = configuration();

  private SparkSession spark;
  private Path folder;

  @BeforeClass
  public void preprocess() throws IOException {
    spark = LocalSpark.open(CONFIGURATION);
    folder = Files.createTempDirectory("plain");
    new PreprocessJob(spark, CONFIGURATION)
        .run(
            PreprocessInputs.of(Path.of("../samples/dev/mp4/id90001/cap13").toUri().toString()),
            dataset());
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void oneReplicaIsPlainTrainingBitForBit() throws IOException {
    String run = folder.resolve("run").toUri().toString();
    new PretrainJob(spark, CONFIGURATION).start(dataset(), run);
    Configuration hadoop = spark.sessionState().newHadoopConf();
    Checkpoint checkpoint = new Checkpoints(hadoop, run).newest(message -> {}).orElseThrow();

    TrainingState plain = trainPlainly(hadoop);

    assertThat(checkpoint.state().steps()).isEqualTo(plain.steps()).isPositive();
    assertThat(checkpoint.state().parameters())
        .as("seed %d", CONFIGURATION.training().seed())
        .isEqualTo(plain.parameters());
    assertThat(checkpoint.state().secondMoment()).isEqualTo(plain.secondMoment());
  }

  @Test
  public void replicasThatAverageAfterEveryStepTakeTheStepOfTheUnionBatch() throws IOException {
    ParameterVector many = descend("many", 4, 2);
    ParameterVector one = descend("one", 1, 8);

    assertThat(one.values()).isNotEqualTo(initial(CONFIGURATION).parameters().values());
    assertThat(many.values()).containsExactly(one.values(), within(1e-6f));
  }

  /** Plain descent without an adversary, whose own step would be another for each replica. */
  private ParameterVector descend(String name, int replicas, int batchSize) throws IOException {
    MienConfiguration configuration =
        configuration(
            "optimiser { kind = sgd, learning-rate = 3, minimum-learning-rate = 1 }",
            "objective.adversarial-weight = 0",
            "training { replicas = %d, batch-size = %d, local-steps = 1, epochs = 4 }"
                .formatted(replicas, batchSize));
    String run = folder.resolve(name).toUri().toString();
    new PretrainJob(spark, configuration).start(dataset(), run);
    return Checkpoints.model(spark.sessionState().newHadoopConf(), run).parameters();
  }

  private static TrainingState initial(MienConfiguration configuration) {
    return TrainingState.initial(configuration.model(), configuration.training().seed());
  }

  @Test(dependsOnMethods = "oneReplicaIsPlainTrainingBitForBit")
  public void aRunIsNotResumedByOtherSettings() {
    MienConfiguration other =
        MienConfiguration.parse(CONFIGURATION.source().replace("\"seed\":31", "\"seed\":32"));

    assertThatThrownBy(
            () ->
                new PretrainJob(spark, other)
                    .resume(dataset(), folder.resolve("run").toUri().toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("with other settings:\n  training.seed: 31 -> 32");
  }

  private TrainingState trainPlainly(Configuration hadoop) throws IOException {
    ClipIndex index = ClipIndex.read(spark, FaceVideoDataset.open(spark, dataset()));
    Plan plan = Plan.of(CONFIGURATION, index);
    RunSpecification run = plan.run();
    int samples = Math.toIntExact(plan.rounds() * run.training().roundSamples());

    try (LocalTrainer trainer =
            LocalTrainer.open(run.architecture(), run.objective(), run.optimiser(), Device.cpu());
        BatchReader reader = new BatchReader(run, new ClipCache(1 << 20))) {
      trainer.load(initial(CONFIGURATION));
      long[] step = {0};
      reader.forEach(
          plan.order().samples(0, samples),
          hadoop,
          (batch, waited) -> trainer.step(batch, run.schedule().at(step[0]++)));
      return trainer.state();
    }
  }

  private static MienConfiguration configuration(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 },"
                    + " decoder { width = 16, depth = 1, heads = 2 } }",
                "training { replicas = 1, batch-size = 2, local-steps = 3, epochs = 2,"
                    + " windows-per-clip = 1, seed = 31, validate-every = 2 }"));
    all.addAll(List.of(settings));
    return MienConfiguration.load(Optional.of("tiny"), Optional.empty(), all);
  }

  private String dataset() {
    return folder.resolve("dataset").toUri().toString();
  }
}
