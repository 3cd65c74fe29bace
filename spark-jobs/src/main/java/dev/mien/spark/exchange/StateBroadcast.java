package dev.mien.spark.exchange;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
      List<CompletableFuture<float[]>> fetched =
          chunks.stream()
              .map(chunk -> CompletableFuture.supplyAsync(chunk::value, fetching))
              .toList();
      for (int chunk = 0; chunk < fetched.size(); chunk++) {
        float[] values = fetched.get(chunk).join();
        layout.forEachPart(
            chunk, (vector, from, at, count) -> consumer.accept(vector, from, values, at, count));
      }
    } finally {
      fetching.shutdownNow();
    }
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
