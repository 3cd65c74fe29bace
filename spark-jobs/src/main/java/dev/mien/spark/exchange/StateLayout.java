package dev.mien.spark.exchange;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import java.util.Arrays;
import java.util.List;

/**
 * A training state as chunks: parameters, first moments and second moments one after another, each
 * cut into pieces of at most 64 MiB, far below the 2 GiB of a Java array or a Kryo buffer.
 */
final class StateLayout {

  static final int CHUNK_FLOATS = 64 << 20 >> 2;

  private static final int VECTORS = 3;

  private final ParameterLayout layout;
  private final int chunkFloats;
  private final int chunksPerVector;

  StateLayout(ParameterLayout layout, int chunkFloats) {
    this.layout = layout;
    this.chunkFloats = chunkFloats;
    this.chunksPerVector = (layout.size() + chunkFloats - 1) / chunkFloats;
  }

  int chunks() {
    return VECTORS * chunksPerVector;
  }

  /** A copy of one chunk. */
  float[] chunk(TrainingState state, int chunk) {
    int from = offset(chunk);
    float[] values = vectors(state).get(chunk / chunksPerVector).values();
    return Arrays.copyOfRange(values, from, from + length(chunk));
  }

  /** The state that the chunks make up. */
  TrainingState assemble(long steps, Chunks chunks) {
    TrainingState state =
        new TrainingState(
            steps,
            ParameterVector.zeros(layout),
            ParameterVector.zeros(layout),
            ParameterVector.zeros(layout));
    for (int chunk = 0; chunk < chunks(); chunk++) {
      float[] target = vectors(state).get(chunk / chunksPerVector).values();
      System.arraycopy(chunks.chunk(chunk), 0, target, offset(chunk), length(chunk));
    }
    return state;
  }

  private int offset(int chunk) {
    return chunk % chunksPerVector * chunkFloats;
  }

  private int length(int chunk) {
    return Math.min(chunkFloats, layout.size() - offset(chunk));
  }

  private static List<ParameterVector> vectors(TrainingState state) {
    return List.of(state.parameters(), state.firstMoment(), state.secondMoment());
  }

  /** Chunks by their number. */
  @FunctionalInterface
  interface Chunks {
    float[] chunk(int number);
  }
}
