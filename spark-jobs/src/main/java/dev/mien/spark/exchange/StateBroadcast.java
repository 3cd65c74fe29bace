package dev.mien.spark.exchange;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A state on its way from the driver to every executor. Destroyed by {@link #close}. */
public final class StateBroadcast implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

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
    for (int chunk = 0; chunk < layout.chunks(); chunk++) {
      float[] values = chunk(chunk);
      layout.forEachPart(
          chunk, (vector, from, at, count) -> consumer.accept(vector, from, values, at, count));
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
