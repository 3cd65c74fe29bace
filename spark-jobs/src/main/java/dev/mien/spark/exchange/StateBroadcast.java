package dev.mien.spark.exchange;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A state on its way from the driver to every executor. Destroyed by {@link #close}. */
public final class StateBroadcast implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  /** Under way at once: one by one, an executor would mostly wait; more would fill its memory. */
  private static final int FETCHES = 4;

  private final ChunkLayout layout;
  private final ArrayList<Broadcast<float[]>> chunks;

  private StateBroadcast(ChunkLayout layout, List<Broadcast<float[]>> chunks) {
    this.layout = layout;
    this.chunks = new ArrayList<>(chunks);
  }

  /** Sends the driver's own arrays; Spark keeps a serialised copy of them until {@link #close}. */
  public static StateBroadcast of(JavaSparkContext context, StateChunks state) {
    List<Broadcast<float[]>> chunks = new ArrayList<>(state.layout().chunks());
    for (int chunk = 0; chunk < state.layout().chunks(); chunk++) {
      chunks.add(context.broadcast(state.chunk(chunk)));
    }
    return new StateBroadcast(state.layout(), chunks);
  }

  /**
   * On an executor: hands over every value, part by part; the arrays are not the taker's.
   *
   * @throws IllegalStateException when a chunk cannot be had, or the thread is interrupted
   */
  public void forEachPart(PartConsumer consumer) {
    List<Integer> order = fetchOrder();
    Deque<Future<float[]>> ahead = new ArrayDeque<>();
    ExecutorService fetching = Executors.newFixedThreadPool(FETCHES);
    try {
      for (int i = 0; i < order.size(); i++) {
        for (int next = i + ahead.size(); next < Math.min(order.size(), i + FETCHES); next++) {
          int wanted = order.get(next);
          ahead.add(fetching.submit(() -> chunk(wanted)));
        }
        float[] values = ahead.remove().get();
        layout.forEachPart(
            order.get(i),
            (vector, from, at, count) -> consumer.accept(vector, from, values, at, count));
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot fetch the round's state: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted in fetching the round's state", e);
    } finally {
      fetching.shutdownNow();
    }
  }

  /** A different order on each executor, so that they can fetch chunks from one another, too. */
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
