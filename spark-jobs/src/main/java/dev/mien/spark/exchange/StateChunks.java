package dev.mien.spark.exchange;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Vectors of one length, cut into chunks as they move between processes. The driver keeps them like
 * that between rounds and never needs them in one piece. A chunk is the bytes of its values,
 * little-endian. Nobody writes to the bytes once they are in here.
 */
public final class StateChunks {

  private final ChunkLayout layout;
  private final List<ByteBuffer> chunks;

  StateChunks(ChunkLayout layout, List<ByteBuffer> chunks) {
    this.layout = layout;
    this.chunks = List.copyOf(chunks);
  }

  /**
   * Copies vectors into chunks.
   *
   * @param vectors of one length
   * @param replicas how many will be averaged
   */
  public static StateChunks of(List<float[]> vectors, int replicas) {
    ChunkLayout layout = ChunkLayout.of(vectors.size(), vectors.get(0).length, replicas);
    List<ByteBuffer> chunks = new ArrayList<>(layout.chunks());
    for (int chunk = 0; chunk < layout.chunks(); chunk++) {
      ByteBuffer bytes = ByteBuffer.allocate(layout.length(chunk) * Float.BYTES);
      FloatBuffer values = floats(bytes);
      layout.forEachPart(
          chunk, (vector, from, at, count) -> values.put(at, vectors.get(vector), from, count));
      chunks.add(bytes);
    }
    return new StateChunks(layout, chunks);
  }

  /** The number of vectors. */
  public int vectors() {
    return layout.vectors();
  }

  /** A copy of {@code count} values of a vector. */
  public float[] values(int vector, int from, int count) {
    float[] values = new float[count];
    long start = (long) vector * layout.size() + from;
    for (int done = 0; done < count; ) {
      int chunk = (int) ((start + done) / layout.chunkFloats());
      int at = (int) ((start + done) % layout.chunkFloats());
      int length = Math.min(count - done, layout.length(chunk) - at);
      floats(chunks.get(chunk)).get(at, values, done, length);
      done += length;
    }
    return values;
  }

  /** Computes one value from the values of three states at the same place. */
  @FunctionalInterface
  public interface Combination {
    float apply(float own, float second, float third);
  }

  /** Combines the first vector of this state, value by value, with those of two other states. */
  public StateChunks combineFirst(StateChunks second, StateChunks third, Combination combination) {
    ChunkLayout one = layout.of(1);
    return new StateChunks(
        one,
        IntStream.range(0, one.chunks())
            .parallel() // all replicas wait for it
            .mapToObj(
                chunk ->
                    combine(
                        floats(chunks.get(chunk)),
                        floats(second.chunks.get(chunk)),
                        floats(third.chunks.get(chunk)),
                        one.length(chunk),
                        combination))
            .toList());
  }

  private static ByteBuffer combine(
      FloatBuffer own, FloatBuffer second, FloatBuffer third, int length, Combination combination) {
    ByteBuffer bytes = ByteBuffer.allocate(length * Float.BYTES);
    FloatBuffer values = floats(bytes);
    for (int i = 0; i < length; i++) {
      values.put(i, combination.apply(own.get(i), second.get(i), third.get(i)));
    }
    return bytes;
  }

  /** This state with its first vector replaced. */
  public StateChunks withFirst(StateChunks first) {
    List<ByteBuffer> replaced = new ArrayList<>(chunks);
    for (int chunk = 0; chunk < first.layout.chunks(); chunk++) {
      ByteBuffer bytes = first.chunks.get(chunk);
      ByteBuffer former = replaced.get(chunk);
      if (bytes.limit() < former.limit()) {
        ByteBuffer whole = ByteBuffer.allocate(former.limit());
        whole.put(bytes.duplicate()).put(former.duplicate().position(bytes.limit()));
        bytes = whole.clear();
      }
      replaced.set(chunk, bytes);
    }
    return new StateChunks(layout, replaced);
  }

  ChunkLayout layout() {
    return layout;
  }

  ByteBuffer bytes(int chunk) {
    return chunks.get(chunk);
  }

  /** A view of bytes as the values that they hold. */
  static FloatBuffer floats(ByteBuffer bytes) {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
