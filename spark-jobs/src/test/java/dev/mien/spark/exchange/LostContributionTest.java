package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.pretrain.replica.ReplicaReceipt;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import scala.Tuple2;

/** In contexts of their own, since Spark takes an executor whose bytes are lost for gone. */
public class LostContributionTest {

  private static final StateBlock GONE = new StateBlock(0, "gone", 8, 0);

  /** How often the second chunk was formed. */
  private static final AtomicInteger FORMED = new AtomicInteger();

  @DataProvider
  public Object[][] losses() {
    return new Object[][] {{0}, {1}, {3}};
  }

  /** As when an executor goes after it has averaged a chunk and before the driver has it. */
  @Test(dataProvider = "losses")
  public void aChunkThatIsLostIsAveragedAnew(int losses) {
    try (JavaSparkContext context = StateExchangeTest.open()) {
      Reduced<ReplicaReceipt> reduced = average(context, losses);

      assertThat(FORMED).hasValue(losses + 1);
      assertThat(reduced.state().orElseThrow().values(0, 0, 4)).containsExactly(1, 2, 3, 4);
      assertThat(reduced.receipts()).isEmpty();
      assertThat(reduced.update()).isEqualTo(2);
    }
  }

  @Test
  public void aChunkThatIsLostAgainAndAgainStopsTheRound() {
    try (JavaSparkContext context = StateExchangeTest.open()) {
      assertThatThrownBy(() -> average(context, 4))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageMatching("Cannot fetch the average: .*gone: no process has it");
    }
  }

  /** Two chunks of two values, of which the second is lost so often. */
  private static Reduced<ReplicaReceipt> average(JavaSparkContext context, int losses) {
    return average(context, losses, chunk -> 5L, (chunk, attempt) -> 2f * chunk + 1);
  }

  /**
   * The same.
   *
   * @param attempts at the one replica, by chunk
   * @param firsts of a chunk's values, by the attempt that they are of
   */
  private static Reduced<ReplicaReceipt> average(
      JavaSparkContext context, int losses, Attempts attempts, Firsts firsts) {
    FORMED.set(0);
    StateBroadcast average = StateBroadcast.toBeFormed(context, new ChunkLayout(1, 4, 2));
    JavaRDD<Contribution> averages =
        context
            .parallelize(List.of(0, 1), 2)
            .map(
                chunk -> {
                  boolean isLost = chunk == 1 && FORMED.incrementAndGet() <= losses;
                  long attempt = attempts.of(chunk);
                  return new Contribution.Mean(
                      isLost ? GONE : average.put(chunk, bytes(firsts.of(chunk, attempt))),
                      0,
                      2,
                      List.of(attempt));
                });
    try (AverageArrival<ReplicaReceipt> arrival =
        new AverageArrival<>(averages.rdd(), average, ReplicaReceipt.class)) {
      return arrival.reduced();
    } finally {
      average.close();
    }
  }

  private interface Attempts extends Serializable {
    long of(int chunk);
  }

  private interface Firsts extends Serializable {
    float of(int chunk, long attempt);
  }

  /** As when a replica is lost after one of its chunks was summed, and arrives somewhere else. */
  @Test
  public void anAverageIsOfOneAttemptAtEachReplica() {
    try (JavaSparkContext context = StateExchangeTest.open()) {
      Reduced<ReplicaReceipt> reduced =
          average(
              context,
              1,
              chunk -> TaskContext.get().taskAttemptId() < 2 ? 5 : 9,
              (chunk, attempt) -> 10f * attempt + 2 * chunk);

      assertThat(reduced.state().orElseThrow().values(0, 0, 4)).containsExactly(90, 91, 92, 93);
    }
  }

  private static ByteBuffer bytes(float first) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.putFloat(first).putFloat(first + 1).clear();
  }

  /** As when an executor goes after its task has ended, and Spark's shuffle service stays. */
  @Test
  public void aReplicaWhoseBytesAreLostTrainsAnew() {
    List<float[]> start = StateExchangeTest.random(1);
    float[] values = start.get(0);
    try (JavaSparkContext context = StateExchangeTest.open();
        StateBroadcast broadcast = StateBroadcast.of(context, StateChunks.of(start, 1000))) {
      Reduced<ReplicaReceipt> reduced =
          StateReduce.reduce(
              context
                  .parallelize(List.of(0, 1), 2)
                  .flatMapToPair(
                      replica -> {
                        List<Tuple2<ChunkKey, Contribution>> sent = new ArrayList<>();
                        StateExchangeTest.one(replica, broadcast, start)
                            .forEachRemaining(sent::add);
                        if (replica == 1 && TaskContext.get().stageAttemptNumber() == 0) {
                          sent.forEach(contribution -> lose(contribution._2()));
                        }
                        return sent.iterator();
                      }),
              broadcast,
              1,
              ReplicaReceipt.class);

      float[] expected = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        expected[i] = (float) (((double) values[i] + (values[i] + 1f)) / 2);
      }
      assertThat(reduced.state().orElseThrow().values(0, 0, values.length)).isEqualTo(expected);
      assertThat(reduced.receipts()).extracting(ReplicaReceipt::replica).containsExactly(0, 1);
    }
  }

  private static void lose(Contribution contribution) {
    if (contribution instanceof Contribution.Chunk chunk) {
      chunk.block().removeHere();
    }
  }
}
