package dev.mien.spark.exchange;

import dev.mien.spark.exchange.Contribution.Attempt;
import dev.mien.spark.exchange.Contribution.Chunk;
import dev.mien.spark.exchange.Contribution.Mean;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.shuffle.FetchFailedException;

/**
 * Averages what replicas trained. Some executor sums each chunk, in replica order, and keeps it for
 * the next round to start from. The driver receives one state, however many replicas there are.
 */
public final class StateReduce {

  /** Replicas' copies of a chunk that are fetched at once: with one, the task would mostly wait. */
  private static final int FETCHES = 4;

  private StateReduce() {}

  /**
   * A round's result.
   *
   * @param average which the caller must close; empty when no replica had anything to contribute
   * @param receipts one per replica, in replica order
   * @param drift root of the weighted mean square distance of the replicas from their average
   * @param update distance of the average's parameters from where the round started
   */
  public record Reduced<R>(
      Optional<StateBroadcast> average, List<R> receipts, double drift, double update) {

    /** The average, as the driver has it. */
    public Optional<StateChunks> state() {
      return average.map(StateBroadcast::state);
    }
  }

  /**
   * Computes the contributions, which trains the replicas, and averages them.
   *
   * @param start the broadcast that the replicas start from
   * @param vectors how many of the state's vectors are averaged
   * @throws ReplicaFailedException when a replica failed in a way that it would again
   */
  public static <R> Reduced<R> reduce(
      JavaPairRDD<ChunkKey, Contribution> contributions,
      StateBroadcast start,
      int vectors,
      Class<R> receiptType) {
    ChunkLayout layout = start.layout().of(vectors);
    StateBroadcast average =
        StateBroadcast.toBeFormed(
            JavaSparkContext.fromSparkContext(contributions.context()), layout);
    JavaPairRDD<ChunkKey, Contribution> arrived =
        contributions.repartitionAndSortWithinPartitions(
            new ChunkPartitioner(layout.chunks()), Comparator.naturalOrder());
    int shuffle = shuffle(arrived);
    JavaRDD<Contribution> averages =
        arrived
            .values()
            .mapPartitionsWithIndex(
                (chunk, sent) -> mean(sent, start, average, chunk, shuffle), true);
    // The first failure counts: when Spark has stopped, freeing the shuffle fails, too.
    Freed shuffled = () -> free(arrived);
    try (shuffled) {
      Reduced<R> reduced = reduced(averages, average, receiptType);
      if (reduced.average().isEmpty()) {
        average.close();
      }
      return reduced;
    }
  }

  private static <R> Reduced<R> reduced(
      JavaRDD<Contribution> averages, StateBroadcast average, Class<R> receiptType) {
    try (AverageArrival<R> arrival = new AverageArrival<>(averages.rdd(), average, receiptType)) {
      return arrival.reduced();
    } catch (Throwable e) {
      try (average) {
        throw e;
      }
    }
  }

  /** An AutoCloseable that throws no checked exception. */
  private interface Freed extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Returns receipts as they came, followed by the mean of the chunk, unless no replica sent one.
   */
  private static Iterator<Contribution> mean(
      Iterator<Contribution> sent,
      StateBroadcast start,
      StateBroadcast average,
      int chunk,
      int shuffle)
      throws InterruptedException, FetchFailedException {
    ChunkLayout layout = average.layout();
    List<Contribution> out = new ArrayList<>();
    int measured = layout.inFirstVector(chunk);
    FloatBuffer base = measured > 0 ? start.chunk(chunk) : FloatBuffer.allocate(0);
    List<Chunk> pieces = new ArrayList<>();
    while (sent.hasNext()) {
      Contribution contribution = sent.next();
      if (contribution instanceof Chunk piece) {
        pieces.add(piece);
      } else {
        out.add(contribution);
      }
    }

    WeightedMean mean = new WeightedMean(base, measured);
    List<ByteBuffer> arrived = fetch(pieces, chunk, shuffle);
    for (int i = 0; i < pieces.size(); i++) {
      Chunk piece = pieces.get(i);
      FloatBuffer values =
          switch (piece.encoding()) {
            case FLOAT32 -> StateChunks.floats(arrived.get(i));
            case BFLOAT16, INT8 ->
                DeltaEncoder.decode(piece.encoding(), arrived.get(i), base, layout.length(chunk));
          };
      mean.add(values, piece.examples());
    }
    List<Long> attempts = pieces.stream().map(piece -> piece.attempt().id()).toList();
    mean.result()
        .ifPresent(
            result ->
                out.add(
                    new Mean(
                        average.put(chunk, result.bytes()),
                        result.spread(),
                        result.update(),
                        attempts)));
    return out.iterator();
  }

  /**
   * Fetches the replicas' bytes and returns them in the order of the pieces. Each chunk has a
   * random order of its own in which it fetches; otherwise all tasks would ask the first replica's
   * executor first.
   */
  private static List<ByteBuffer> fetch(List<Chunk> pieces, int chunk, int shuffle)
      throws InterruptedException, FetchFailedException {
    List<Integer> order = new ArrayList<>(IntStream.range(0, pieces.size()).boxed().toList());
    Collections.shuffle(order, new Random(chunk));
    Map<Integer, Future<ByteBuffer>> fetches = new TreeMap<>();
    ExecutorService fetching = Executors.newFixedThreadPool(FETCHES);
    try {
      for (int i : order) {
        Chunk piece = pieces.get(i);
        fetches.put(i, fetching.submit(() -> piece.block().bytes(piece.attempt().keeper())));
      }
      List<ByteBuffer> bytes = new ArrayList<>(pieces.size());
      for (int i = 0; i < pieces.size(); i++) {
        bytes.add(bytes(fetches.get(i), pieces.get(i).attempt(), chunk, shuffle));
      }
      return bytes;
    } finally {
      fetching.shutdownNow();
    }
  }

  /**
   * Waits for a replica's bytes. When they are lost, the exception has Spark train the replica
   * again on another executor.
   */
  private static ByteBuffer bytes(Future<ByteBuffer> fetch, Attempt attempt, int chunk, int shuffle)
      throws InterruptedException, FetchFailedException {
    try {
      return fetch.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      if (!(e.getCause() instanceof IOException reason)) {
        throw new IllegalStateException("Cannot fetch what a replica sent", e.getCause());
      }
      throw new FetchFailedException(
          attempt.output(),
          shuffle,
          attempt.id(),
          attempt.partition(),
          chunk,
          reason.getMessage(),
          reason);
    }
  }

  /**
   * Frees the shuffle's files, which Spark would keep until the driver happens to collect its
   * garbage.
   */
  private static void free(JavaPairRDD<?, ?> shuffled) {
    SparkContext context = shuffled.context();
    if (context.cleaner().isDefined()) {
      context.cleaner().get().doCleanupShuffle(shuffle(shuffled), false);
    }
  }

  private static int shuffle(JavaPairRDD<?, ?> shuffled) {
    return ((ShuffleDependency<?, ?, ?>) shuffled.rdd().dependencies().head()).shuffleId();
  }
}
