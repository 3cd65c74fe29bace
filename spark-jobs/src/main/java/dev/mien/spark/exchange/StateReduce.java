package dev.mien.spark.exchange;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.train.TrainingState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * Averages what replicas trained: each chunk is summed on some executor, in replica order, and the
 * driver receives one state, however many replicas there were.
 */
public final class StateReduce {

  /** What the driver fetches by one job, well under Spark's default {@code maxResultSize}. */
  private static final long FETCHED_AT_ONCE = 512L << 20;

  private StateReduce() {}

  /**
   * A round's result.
   *
   * @param state the average
   * @param receipts a replica each, in replica order
   */
  public record Reduced<R>(TrainingState state, List<R> receipts) {}

  /** On an executor: one replica's state and receipt, chunk by chunk. */
  public static Iterator<Tuple2<ChunkKey, Contribution>> contribute(
      int replica, TrainingState state, long examples, Object receipt) {
    StateLayout layout = layout(state.parameters().layout());
    return IntStream.rangeClosed(0, layout.chunks())
        .mapToObj(
            chunk ->
                new Tuple2<ChunkKey, Contribution>(
                    new ChunkKey(chunk, replica),
                    chunk < layout.chunks()
                        ? new Contribution.Chunk(layout.chunk(state, chunk), examples)
                        : new Contribution.Receipt(receipt)))
        .iterator();
  }

  /** On the driver: trains, by computing the contributions, and averages. */
  public static <R> Reduced<R> reduce(
      JavaPairRDD<ChunkKey, Contribution> contributions,
      ParameterLayout parameters,
      long steps,
      Class<R> receiptType) {
    StateLayout layout = layout(parameters);
    int receiptsChunk = layout.chunks();
    JavaRDD<Contribution> reduced =
        contributions
            .repartitionAndSortWithinPartitions(
                new ChunkPartitioner(receiptsChunk + 1), Comparator.naturalOrder())
            .values()
            .mapPartitionsWithIndex(
                (chunk, arrived) -> chunk == receiptsChunk ? arrived : mean(arrived), true);

    List<R> receipts =
        reduced.collectPartitions(new int[] {receiptsChunk})[0].stream()
            .map(receipt -> receiptType.cast(((Contribution.Receipt) receipt).value()))
            .toList();
    List<float[]> chunks = new ArrayList<>(receiptsChunk);
    int atOnce = (int) (FETCHED_AT_ONCE / ((long) StateLayout.CHUNK_FLOATS * Float.BYTES));
    for (int from = 0; from < receiptsChunk; from += atOnce) {
      int[] partitions = IntStream.range(from, Math.min(receiptsChunk, from + atOnce)).toArray();
      for (List<Contribution> partition : reduced.collectPartitions(partitions)) {
        chunks.add(((Contribution.Chunk) partition.get(0)).values());
      }
    }

    return new Reduced<>(layout.assemble(steps, chunks::get), receipts);
  }

  private static Iterator<Contribution> mean(Iterator<Contribution> chunks) {
    return List.<Contribution>of(WeightedMean.of(chunks)).iterator();
  }

  private static StateLayout layout(ParameterLayout parameters) {
    return new StateLayout(parameters, StateLayout.CHUNK_FLOATS);
  }
}
