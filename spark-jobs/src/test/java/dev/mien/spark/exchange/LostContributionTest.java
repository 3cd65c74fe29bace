package dev.mien.spark.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.pretrain.ReplicaReceipt;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.testng.annotations.Test;
import scala.Tuple2;

/** In a context of its own, since Spark takes an executor whose bytes are lost for gone. */
public class LostContributionTest {

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
