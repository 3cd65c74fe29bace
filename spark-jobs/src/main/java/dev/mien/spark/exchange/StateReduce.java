package dev.mien.spark.exchange;

import dev.mien.spark.exchange.Contribution.Chunk;
import dev.mien.spark.exchange.Contribution.Delta;
import dev.mien.spark.exchange.Contribution.Failure;
import dev.mien.spark.exchange.Contribution.Mean;
import dev.mien.spark.exchange.Contribution.Receipt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * Averages what replicas trained: each chunk is summed on some executor, in replica order, and the
 * driver receives one state, however many replicas there were.
 */
public final class StateReduce {

  /** What the driver fetches by one job, well under Spark's default {@code maxResultSize}. */
  private static final long FETCHED_AT_ONCE = 256L << 20;

  /** Receipts go before the first chunk, through the task that sums it. */
  private static final int RECEIPTS = -1;

  private StateReduce() {}

  /**
   * A round's result.
   *
   * @param state the average; none when no replica had anything to contribute
   * @param receipts a replica each, in replica order
   * @param drift of the replicas from their average: root of the weighted mean square distance
   * @param update distance of the average's parameters from where the round started
   */
  public record Reduced<R>(
      Optional<StateChunks> state, List<R> receipts, double drift, double update) {}

  /** Reads {@code count} values of a vector from index {@code from} into {@code values[at…]}. */
  @FunctionalInterface
  public interface VectorReader {
    void read(int vector, int from, float[] values, int at, int count);
  }

  /**
   * On an executor: where one replica arrived, read chunk by chunk as it is sent.
   *
   * @param vectors how many of the state's move, the parameters first
   */
  public static Iterator<Tuple2<ChunkKey, Contribution>> contribute(
      int replica,
      StateBroadcast start,
      int vectors,
      VectorReader arrived,
      long examples,
      Object receipt) {
    ChunkLayout layout = start.layout().of(vectors);
    return IntStream.range(RECEIPTS, layout.chunks())
        .mapToObj(
            chunk ->
                sent(
                    chunk,
                    replica,
                    chunk == RECEIPTS
                        ? new Receipt(receipt)
                        : new Chunk(read(layout, chunk, arrived), examples)))
        .iterator();
  }

  /** On an executor: the same as encoded differences of the parameters alone, read at once. */
  public static List<Tuple2<ChunkKey, Contribution>> encode(
      int replica,
      StateBroadcast start,
      Encoding encoding,
      float[] residual,
      VectorReader arrived,
      long examples) {
    ChunkLayout layout = start.layout().of(1);
    DeltaEncoder encoder = new DeltaEncoder(encoding, residual);
    List<Tuple2<ChunkKey, Contribution>> sent = new ArrayList<>(layout.chunks() + 1);
    for (int chunk = 0; chunk < layout.chunks(); chunk++) {
      float[] values = read(layout, chunk, arrived);
      byte[] bytes = encoder.encode(values, start.chunk(chunk), chunk * layout.chunkFloats());
      sent.add(sent(chunk, replica, new Delta(encoding, bytes, values.length, examples)));
    }
    return sent;
  }

  /** On an executor: a replica's receipt beside what it sends otherwise. */
  public static Tuple2<ChunkKey, Contribution> receipt(int replica, Object receipt) {
    return sent(RECEIPTS, replica, new Receipt(receipt));
  }

  /** On an executor: a replica that cannot contribute, whose round cannot be averaged. */
  public static Iterator<Tuple2<ChunkKey, Contribution>> fail(int replica, String reason) {
    return List.of(sent(RECEIPTS, replica, new Failure(replica, reason))).iterator();
  }

  /**
   * On the driver: trains, by computing the contributions, and averages.
   *
   * @param start what was broadcast to the replicas
   * @param vectors how many of the state's move
   * @throws ReplicaFailedException when a replica had nothing to contribute
   */
  public static <R> Reduced<R> reduce(
      JavaPairRDD<ChunkKey, Contribution> contributions,
      StateBroadcast start,
      int vectors,
      Class<R> receiptType) {
    ChunkLayout layout = start.layout().of(vectors);
    JavaPairRDD<ChunkKey, Contribution> arrived =
        contributions.repartitionAndSortWithinPartitions(
            new ChunkPartitioner(layout.chunks()), Comparator.naturalOrder());
    try {
      return collect(
          arrived
              .values()
              .mapPartitionsWithIndex(
                  (chunk, sent) -> mean(sent, start, chunk, layout.inFirstVector(chunk)), true),
          layout,
          receiptType);
    } finally {
      free(arrived);
    }
  }

  private static <R> Reduced<R> collect(
      JavaRDD<Contribution> reduced, ChunkLayout layout, Class<R> receiptType) {
    List<R> receipts = new ArrayList<>();
    List<float[]> chunks = new ArrayList<>(layout.chunks());
    double spread = 0;
    double update = 0;
    int atOnce = (int) Math.max(1, FETCHED_AT_ONCE / ((long) layout.chunkFloats() * Float.BYTES));

    for (int from = 0; from < layout.chunks(); from += atOnce) {
      int[] fetched = IntStream.range(from, Math.min(layout.chunks(), from + atOnce)).toArray();
      for (List<Contribution> partition : reduced.collectPartitions(fetched)) {
        for (Contribution contribution : partition) {
          if (contribution instanceof Mean mean) {
            chunks.add(mean.values());
            spread += mean.spread();
            update += mean.update();
          } else if (contribution instanceof Receipt receipt) {
            receipts.add(receiptType.cast(receipt.value()));
          } else if (contribution instanceof Failure failure) {
            throw new ReplicaFailedException(failure.replica(), failure.reason());
          }
        }
      }
    }

    return new Reduced<>(
        chunks.isEmpty() ? Optional.empty() : Optional.of(new StateChunks(layout, chunks)),
        receipts,
        Math.sqrt(spread),
        Math.sqrt(update));
  }

  /** Receipts as they came; then the mean of the chunk, unless nobody sent any. */
  private static Iterator<Contribution> mean(
      Iterator<Contribution> sent, StateBroadcast start, int chunk, int measured) {
    List<Contribution> out = new ArrayList<>();
    WeightedMean mean =
        new WeightedMean(measured > 0 ? start.chunk(chunk) : new float[0], measured);
    while (sent.hasNext()) {
      Contribution contribution = sent.next();
      if (contribution instanceof Chunk piece) {
        mean.add(piece.values(), piece.examples());
      } else if (contribution instanceof Delta delta) {
        mean.add(delta);
      } else {
        out.add(contribution);
      }
    }
    mean.result().ifPresent(out::add);
    return out.iterator();
  }

  private static Tuple2<ChunkKey, Contribution> sent(
      int chunk, int replica, Contribution contribution) {
    return new Tuple2<>(new ChunkKey(chunk, replica), contribution);
  }

  private static float[] read(ChunkLayout layout, int chunk, VectorReader reader) {
    float[] values = new float[layout.length(chunk)];
    layout.forEachPart(
        chunk, (vector, from, at, count) -> reader.read(vector, from, values, at, count));
    return values;
  }

  /** Spark would keep the shuffle's files until the driver happens to collect its garbage. */
  private static void free(JavaPairRDD<?, ?> shuffled) {
    SparkContext context = shuffled.context();
    int shuffle = ((ShuffleDependency<?, ?, ?>) shuffled.rdd().dependencies().head()).shuffleId();
    if (context.cleaner().isDefined()) {
      context.cleaner().get().doCleanupShuffle(shuffle, false);
    }
  }
}
