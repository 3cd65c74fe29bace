package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.pretrain.ReplicaReceipt;
import dev.mien.spark.session.MienRegistrator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The whole exchange through Kryo, which here refuses every type that is not registered. */
public class StateExchangeTest {

  private static final long SEED = 23;
  private static final MarlinArchitecture ARCHITECTURE =
      new MarlinArchitecture(56, 14, 4, 2, 32, 1, 2, 16, 1, 2);

  private JavaSparkContext context;

  @BeforeClass
  public void start() {
    context =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("exchange")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
                .set("spark.kryo.registrator", MienRegistrator.class.getName())
                .set("spark.kryo.registrationRequired", "true"));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    context.stop();
  }

  @Test
  public void replicasAverageToTheirMeanAndReceiptsComeInOrder() {
    TrainingState start = TrainingState.initial(ARCHITECTURE, SEED);

    try (StateBroadcast broadcast = StateBroadcast.of(context, start)) {
      Reduced<ReplicaReceipt> reduced =
          StateReduce.reduce(
              context
                  .parallelize(List.of(0, 1, 2), 3)
                  .flatMapToPair(
                      replica ->
                          StateReduce.contribute(
                              replica,
                              shifted(broadcast.state(ARCHITECTURE.layout()), replica),
                              replica + 1,
                              new ReplicaReceipt(replica, replica + 1, 0, 0, 0, 0, 0, 0))),
              ARCHITECTURE.layout(),
              7,
              ReplicaReceipt.class);

      // (1·0 + 2·1 + 3·2) / 6
      TrainingState expected = shifted(start, 8.0 / 6);
      assertThat(reduced.state().steps()).isEqualTo(7);
      assertThat(largestDifference(reduced.state().parameters(), expected.parameters()))
          .as("seed %d", SEED)
          .isLessThan(1e-6);
      assertThat(largestDifference(reduced.state().secondMoment(), expected.secondMoment()))
          .isLessThan(1e-6);
      assertThat(reduced.receipts()).extracting(ReplicaReceipt::replica).containsExactly(0, 1, 2);
    }
  }

  @Test
  public void chunksOfAnySizeMakeUpTheSameState() {
    TrainingState state = shifted(TrainingState.initial(ARCHITECTURE, SEED), 3);
    int size = ARCHITECTURE.layout().size();

    for (int chunkFloats : new int[] {1000, size - 1, size, size + 1}) {
      StateLayout layout = new StateLayout(ARCHITECTURE.layout(), chunkFloats);
      List<float[]> chunks =
          IntStream.range(0, layout.chunks()).mapToObj(i -> layout.chunk(state, i)).toList();

      assertThat(chunks).allSatisfy(chunk -> assertThat(chunk.length).isBetween(1, chunkFloats));
      assertThat(layout.assemble(state.steps(), chunks::get)).isEqualTo(state);
    }
  }

  private static double largestDifference(ParameterVector one, ParameterVector other) {
    return IntStream.range(0, one.values().length)
        .mapToDouble(i -> Math.abs(one.values()[i] - other.values()[i]))
        .max()
        .orElseThrow();
  }

  private static TrainingState shifted(TrainingState state, double by) {
    return new TrainingState(
        state.steps(),
        shifted(state.parameters(), by),
        shifted(state.firstMoment(), 2 * by),
        shifted(state.secondMoment(), 3 * by));
  }

  private static ParameterVector shifted(ParameterVector vector, double by) {
    float[] values = vector.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) by;
    }
    return new ParameterVector(vector.layout(), values);
  }
}
