package dev.mien.spark.exchange;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A state on its way from the driver to every executor. Destroyed by {@link #close}. */
public final class StateBroadcast implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  /** One by one, an executor would mostly wait for the next. */
  private static final int FETCHED_AT_ONCE = 4;

  private final ChunkLayout layout;
  private final ArrayList<Broadcast<float[]>> chunks;

  private StateBroadcast(ChunkLayout layout, List<Broadcast<float[]>> chunks) {
    this.layout = layout;
    this.chunks = new ArrayList<>(chunks);
  }

  /** Sends the driver's own arrays, of which Spark keeps one more copy, serialised, until then. */
  public static StateBroadcast of(JavaSparkContext context, StateChunks state) {
    List<Broadcast<float[]>> chunks = new ArrayList<>(state.layout().chunks());
    for (int chunk = 0; chunk < state.layout().chunks(); chunk++) {
      chunks.add(context.broadcast(state.chunk(chunk)));
    }
    return new StateBroadcast(state.layout(), chunks);
  }

  /** On an executor: hands over every value, part by part; the arrays are not the taker's. */
  public void forEachPart(PartConsumer consumer) {
    ExecutorService fetching = Executors.newFixedThreadPool(FETCHED_AT_ONCE);
    try {
      Map<Integer, CompletableFuture<float[]>> fetched = new LinkedHashMap<>();
      for (int chunk : fetchOrder()) {
        fetched.put(chunk, CompletableFuture.supplyAsync(() -> chunk(chunk), fetching));
      }
      fetched.forEach(
          (chunk, future) -> {
            float[] values = future.join();
            layout.forEachPart(
                chunk,
                (vector, from, at, count) -> consumer.accept(vector, from, values, at, count));
          });
    } finally {
      fetching.shutdownNow();
    }
  }

  /** Another one on each executor, so that they take chunks from each other, too. */
  private List<Integer> fetchOrder() {
    List<Integer> order = new ArrayList<>(IntStream.range(0, layout.chunks()).boxed().toList());
    Collections.shuffle(order, new Random(SparkEnv.get().executorId().hashCode()));
    return order;
  }

  ChunkLayout layout() {
    return layout;
  }

  float[] chunk(int number) {
    return chunks.get(number).value();
  }

  @Override
  public void close() {
    chunks.forEach(Broadcast::destroy);
  }

  /** Takes {@code values[at, at + count)}, which are a vector's from index {@code from}. */
  @FunctionalInterface
  public interface PartConsumer {
    void accept(int vector, int from, float[] values, int at, int count);
  }
}
