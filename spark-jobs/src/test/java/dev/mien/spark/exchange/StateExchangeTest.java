package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.mien.spark.exchange.Contributions.VectorReader;
import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.pretrain.replica.ReplicaReceipt;
import dev.mien.spark.session.MienRegistrator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BroadcastBlockId;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import scala.Option;
import scala.Tuple2;

/** The whole exchange through Kryo, which here refuses every type that is not registered. */
public class StateExchangeTest {

  private static final long SEED = 23;
  private static final int SIZE = 700_000;

  private JavaSparkContext context;

  @BeforeClass
  public void start() {
    context = open();
  }

  /** A context whose Kryo refuses every type that is not registered. */
  static JavaSparkContext open() {
    return new JavaSparkContext(
        new SparkConf()
            .setMaster("local[2]")
            .setAppName("exchange")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .set("spark.kryo.registrator", MienRegistrator.class.getName())
            .set("spark.kryo.registrationRequired", "true")
            .set("spark.shuffle.io.retryWait", "10ms"));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    context.stop();
  }

  /** Vectors that start out and that move to the average. */
  @DataProvider
  public Object[][] vectors() {
    return new Object[][] {{3, 3}, {3, 1}, {1, 3}, {1, 1}};
  }

  @Test(dataProvider = "vectors")
  public void replicasAverageToTheirMeanAndReceiptsComeInOrder(int out, int moving) {
    List<float[]> start = random(3);
    StateChunks state = StateChunks.of(start.subList(0, out), 1000);
    assertThat(state.layout().chunks()).as("many chunks").isGreaterThan(2 * out);

    try (StateBroadcast broadcast = StateBroadcast.of(context, state)) {
      Reduced<ReplicaReceipt> reduced =
          StateReduce.reduce(
              context
                  .parallelize(List.of(0, 1, 2), 3)
                  .flatMapToPair(
                      replica ->
                          Contributions.of(
                              replica,
                              broadcast,
                              moving,
                              shifted(start, replica),
                              replica + 1,
                              receipt(replica))),
              broadcast,
              moving,
              ReplicaReceipt.class);

      // (1·0 + 2·1 + 3·2) / 6
      double shift = 8.0 / 6;
      assertThat(reduced.state().orElseThrow().vectors()).isEqualTo(moving);
      for (int vector = 0; vector < moving; vector++) {
        float[] expected = start.get(vector).clone();
        for (int i = 0; i < SIZE; i++) {
          expected[i] += (float) (shift * (vector + 1));
        }
        assertThat(
                largestDifference(reduced.state().orElseThrow().values(vector, 0, SIZE), expected))
            .as("vector %d, seed %d", vector, SEED)
            .isLessThan(2e-6);
      }
      assertThat(reduced.update()).isCloseTo(shift * Math.sqrt(SIZE), within(1e-2));
      assertThat(reduced.drift())
          .isCloseTo(Math.sqrt(SIZE * (14.0 / 6 - shift * shift)), within(1e-2));
      assertThat(reduced.receipts()).extracting(ReplicaReceipt::replica).containsExactly(0, 1, 2);
    }
  }

  @Test
  public void aRoundStartsFromTheAverageWhereItWasFormed() {
    List<float[]> start = random(1);
    try (StateBroadcast average = average(start)) {
      float[] arrived =
          context
              .parallelize(List.of(0), 1)
              .map(
                  task -> {
                    float[] values = new float[SIZE];
                    average.forEachPart(
                        (vector, from, part, count) ->
                            System.arraycopy(part, 0, values, from, count));
                    return values;
                  })
              .first();

      assertThat(arrived).isEqualTo(average.state().values(0, 0, SIZE)).isNotEqualTo(start.get(0));
      assertThat(
              SparkEnv.get()
                  .blockManager()
                  .getMatchingBlockIds(
                      block -> block.name().startsWith("broadcast_%d_s".formatted(average.id())))
                  .isEmpty())
          .as("not sent by the driver anew")
          .isTrue();
    }
  }

  private StateBroadcast average(List<float[]> start) {
    try (StateBroadcast broadcast = StateBroadcast.of(context, StateChunks.of(start, 1000))) {
      return average(broadcast, start);
    }
  }

  private StateBroadcast average(StateBroadcast broadcast, List<float[]> start) {
    return StateReduce.reduce(
            context
                .parallelize(List.of(0, 1), 2)
                .flatMapToPair(replica -> one(replica, broadcast, start)),
            broadcast,
            1,
            ReplicaReceipt.class)
        .average()
        .orElseThrow();
  }

  @Test
  public void roundedDifferencesArriveNearTheMean() {
    List<float[]> start = random(1);
    try (StateBroadcast broadcast = StateBroadcast.of(context, StateChunks.of(start, 1000))) {
      Reduced<ReplicaReceipt> reduced =
          StateReduce.reduce(
              context
                  .parallelize(List.of(0, 1), 2)
                  .flatMapToPair(
                      replica -> {
                        List<Tuple2<ChunkKey, Contribution>> sent =
                            Contributions.encoded(
                                replica,
                                broadcast,
                                Encoding.INT8,
                                new float[SIZE],
                                shifted(start, replica),
                                1);
                        sent.add(Contributions.receipt(replica, receipt(replica)));
                        return sent.iterator();
                      }),
              broadcast,
              1,
              ReplicaReceipt.class);

      float[] expected = start.get(0).clone();
      for (int i = 0; i < SIZE; i++) {
        expected[i] += 0.5f;
      }
      assertThat(largestDifference(reduced.state().orElseThrow().values(0, 0, SIZE), expected))
          .isLessThan(2e-3);
      assertThat(reduced.receipts()).hasSize(2);
    }
  }

  @Test
  public void aReplicaWithNothingToGiveStopsTheRoundByName() {
    List<float[]> start = random(1);
    try (StateBroadcast broadcast = StateBroadcast.of(context, StateChunks.of(start, 2))) {
      assertThatThrownBy(
              () ->
                  StateReduce.reduce(
                      context
                          .parallelize(List.of(0, 1), 2)
                          .flatMapToPair(
                              replica ->
                                  replica == 1
                                      ? Contributions.failure(replica, "no luck")
                                      : one(replica, broadcast, start)),
                      broadcast,
                      1,
                      ReplicaReceipt.class))
          .isInstanceOf(ReplicaFailedException.class)
          .hasMessage("Replica 1: no luck");
    }
  }

  @Test
  public void manyRoundsLeaveNothingBehind() {
    List<float[]> start = List.of(new float[1000]);
    rounds(start, 5);
    await().atMost(1, TimeUnit.MINUTES).until(() -> leftovers() == 0);

    rounds(start, Integer.getInteger("rounds", 20));

    assertThat(stateBlocks()).as("left, whenever garbage is collected").isEmpty();
    await().atMost(1, TimeUnit.MINUTES).until(() -> leftovers() == 0);
  }

  /** What Spark knows nothing of, so that it would free none of it. */
  private static String stateBlocks() {
    return SparkEnv.get()
        .blockManager()
        .getMatchingBlockIds(block -> block.name().matches("broadcast_[0-9]+_(state|chunk).*"))
        .mkString(" ");
  }

  /** As a machine that vanishes does: its connection holds what it was being sent. */
  @Test(timeOut = 60_000)
  public void whoDoesNotTakeWhatItIsSentHoldsUpNobody() {
    StateBroadcast broadcast =
        StateBroadcast.of(context, StateChunks.of(List.of(new float[1000]), 2));
    BlockId block = new BroadcastBlockId(broadcast.id(), "state0");
    BlockManager blocks = SparkEnv.get().blockManager();
    assertThat(blocks.getLocalBytes(block).isDefined()).as("held").isTrue();

    broadcast.close();

    assertThat(blocks.getStatus(block).isDefined()).as("still held").isTrue();
    blocks.releaseLock(block, Option.empty());
    await().atMost(1, TimeUnit.MINUTES).until(() -> blocks.getStatus(block).isEmpty());
  }

  @Test
  public void chunksOfAnySizeMakeUpTheSameVectors() {
    List<float[]> vectors = random(3);
    for (int replicas : new int[] {1, 8, 1000}) {
      StateChunks state = StateChunks.of(vectors, replicas);
      for (int vector = 0; vector < 3; vector++) {
        assertThat(state.values(vector, 0, SIZE)).isEqualTo(vectors.get(vector));
        assertThat(state.values(vector, 17, 3))
            .containsExactly(
                vectors.get(vector)[17], vectors.get(vector)[18], vectors.get(vector)[19]);
      }
    }
  }

  private void rounds(List<float[]> start, int count) {
    StateBroadcast last = StateBroadcast.of(context, StateChunks.of(start, 2));
    for (int round = 0; round < count; round++) {
      try (StateBroadcast broadcast = last) {
        last = average(broadcast, start);
      }
    }
    last.close();
  }

  /** Files of shuffles, and blocks of all but what Spark itself frees as it collects garbage. */
  private static int leftovers() {
    System.gc();
    return SparkEnv.get().blockManager().diskBlockManager().getAllFiles().size()
        + SparkEnv.get().blockManager().getMatchingBlockIds(block -> true).size();
  }

  static Iterator<Tuple2<ChunkKey, Contribution>> one(
      int replica, StateBroadcast broadcast, List<float[]> start) {
    return Contributions.of(replica, broadcast, 1, shifted(start, replica), 1, receipt(replica));
  }

  private static ReplicaReceipt receipt(int replica) {
    return new ReplicaReceipt(
        replica, "", "", replica + 1, 0, "", 0, 0, 0, 0, 0, 0, 0, 0, Map.of());
  }

  /** A state's vectors, the first moved by as much, the second by twice that, and so on. */
  private static VectorReader shifted(List<float[]> vectors, double by) {
    return (vector, from, values, at, count) -> {
      for (int i = 0; i < count; i++) {
        values[at + i] = vectors.get(vector)[from + i] + (float) (by * (vector + 1));
      }
    };
  }

  static List<float[]> random(int vectors) {
    Random random = new Random(SEED);
    List<float[]> drawn = new ArrayList<>();
    for (int vector = 0; vector < vectors; vector++) {
      float[] values = new float[SIZE];
      for (int i = 0; i < SIZE; i++) {
        values[i] = random.nextFloat();
      }
      drawn.add(values);
    }
    return drawn;
  }

  private static double largestDifference(float[] one, float[] other) {
    return IntStream.range(0, one.length)
        .mapToDouble(i -> Math.abs(one[i] - other[i]))
        .max()
        .orElseThrow();
  }
}
