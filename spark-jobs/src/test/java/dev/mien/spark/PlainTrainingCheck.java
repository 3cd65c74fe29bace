package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.TestCluster.Ended;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.pretrain.PlainTraining;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

/**
 * Training on a cluster of processes against training without any. A command of its own: {@code mvn
 * -Pchecks verify -Dit.test=PlainTrainingCheck}.
 */
public class PlainTrainingCheck extends RoundsFixture {

  /** Without an adversary, whose own step would be another for each replica. */
  private static final String DESCENT =
      "optimiser { kind = sgd, learning-rate = 3, minimum-learning-rate = 1, warmup-epochs = 0 },"
          + " objective.adversarial-weight = 0";

  @Test
  public void oneReplicaIsPlainTrainingBitForBit() throws Exception {
    String[] alone = {"training { replicas = 1, batch-size = 2 }", RunsOfEight.AVERAGED_MOMENTS};
    train("one", alone);
    Checkpoint checkpoint =
        new Checkpoints(new Configuration(), runs.uri("one"))
            .newest(manifest -> {}, said -> {})
            .orElseThrow();

    TrainingState plain = plain(RunsOfEight.configuration(alone));

    assertThat(checkpoint.manifest().round()).isGreaterThan(1);
    assertThat(checkpoint.manifest().steps()).isEqualTo(plain.steps());
    assertThat(checkpoint.parameters()).isEqualTo(plain.parameters());
    assertThat(checkpoint.moments()).containsExactly(plain.firstMoment(), plain.secondMoment());
  }

  @Test
  public void replicasThatAverageAfterEveryStepTakeTheStepOfTheUnionBatch() throws Exception {
    String[] four = descent(4, 2);
    ParameterVector many = train("many", four);
    ParameterVector union = train("union", descent(1, 8));

    float[] initial = PlainTraining.initial(RunsOfEight.configuration(four)).parameters().values();
    assertThat(largestDifference(initial, union.values())).isGreaterThan(1e-3);
    assertThat(largestDifference(many.values(), union.values())).isLessThan(1e-6);
  }

  private static String[] descent(int replicas, int batchSize) {
    return new String[] {
      DESCENT,
      RunsOfEight.AVERAGED_MOMENTS,
      "training { replicas = %d, batch-size = %d, local-steps = 1 }".formatted(replicas, batchSize)
    };
  }

  private ParameterVector train(String run, String... settings) throws Exception {
    Ended ended = runs.cluster().run(List.of(), runs.pretrain(run, settings));
    assertThat(ended.exit()).as(ended.said()).isZero();
    return Checkpoints.model(new Configuration(), runs.uri(run)).parameters();
  }

  /** By one thread, as a task of one core has: more would sum in another order. */
  private TrainingState plain(MienConfiguration configuration) throws IOException {
    Engine.getInstance();
    JniUtils.setNumThreads(1);
    try (SparkSession spark = LocalSpark.open(configuration)) {
      return PlainTraining.train(spark, configuration, runs.uri("dataset"));
    }
  }

  private static double largestDifference(float[] one, float[] other) {
    assertThat(one).hasSameSizeAs(other);
    double largest = 0;
    for (int i = 0; i < one.length; i++) {
      largest = Math.max(largest, Math.abs(one[i] - (double) other[i]));
    }
    return largest;
  }
}
