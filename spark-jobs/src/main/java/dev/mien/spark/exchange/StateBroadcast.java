package dev.mien.spark.exchange;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.train.TrainingState;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A training state on its way from the driver to every executor. Destroyed by {@link #close}. */
public final class StateBroadcast implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  private final long steps;
  private final ArrayList<Broadcast<float[]>> chunks;

  private StateBroadcast(long steps, List<Broadcast<float[]>> chunks) {
    this.steps = steps;
    this.chunks = new ArrayList<>(chunks);
  }

  public static StateBroadcast of(JavaSparkContext context, TrainingState state) {
    StateLayout layout = new StateLayout(state.parameters().layout(), StateLayout.CHUNK_FLOATS);
    List<Broadcast<float[]>> chunks = new ArrayList<>(layout.chunks());
    for (int chunk = 0; chunk < layout.chunks(); chunk++) {
      chunks.add(context.broadcast(layout.chunk(state, chunk)));
    }
    return new StateBroadcast(state.steps(), chunks);
  }

  /** On an executor: the state, as a copy of its own. */
  public TrainingState state(ParameterLayout layout) {
    return new StateLayout(layout, StateLayout.CHUNK_FLOATS)
        .assemble(steps, chunk -> chunks.get(chunk).value());
  }

  @Override
  public void close() {
    chunks.forEach(Broadcast::destroy);
  }
}
