package dev.mien.spark.exchange;

import java.util.ArrayList;
import java.util.List;

/**
 * Vectors of one length as they move, and as the driver holds them between rounds: it never needs
 * them in one piece. Nobody writes to the arrays once they are in here.
 */
public final class StateChunks {

  private final ChunkLayout layout;
  private final List<float[]> chunks;

  StateChunks(ChunkLayout layout, List<float[]> chunks) {
    this.layout = layout;
    this.chunks = List.copyOf(chunks);
  }

  /**
   * Copies of vectors.
   *
   * @param vectors of one length
   * @param replicas that will average with each other
   */
  public static StateChunks of(List<float[]> vectors, int replicas) {
    ChunkLayout layout = ChunkLayout.of(vectors.size(), vectors.get(0).length, replicas);
    List<float[]> chunks = new ArrayList<>(layout.chunks());
    for (int chunk = 0; chunk < layout.chunks(); chunk++) {
      float[] values = new float[layout.length(chunk)];
      layout.forEachPart(
          chunk,
          (vector, from, at, count) ->
              System.arraycopy(vectors.get(vector), from, values, at, count));
      chunks.add(values);
    }
    return new StateChunks(layout, chunks);
  }

  /** How many vectors there are. */
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
      System.arraycopy(chunks.get(chunk), at, values, done, length);
      done += length;
    }
    return values;
  }

  /** A value from those of three states at one place. */
  @FunctionalInterface
  public interface Combination {
    float apply(float own, float second, float third);
  }

  /** The first vector alone, each value made of this one's and that of two other states. */
  public StateChunks combineFirst(StateChunks second, StateChunks third, Combination combination) {
    ChunkLayout one = layout.of(1);
    List<float[]> combined = new ArrayList<>(one.chunks());
    for (int chunk = 0; chunk < one.chunks(); chunk++) {
      float[] a = chunks.get(chunk);
      float[] b = second.chunks.get(chunk);
      float[] c = third.chunks.get(chunk);
      float[] values = new float[one.length(chunk)];
      for (int i = 0; i < values.length; i++) {
        values[i] = combination.apply(a[i], b[i], c[i]);
      }
      combined.add(values);
    }
    return new StateChunks(one, combined);
  }

  /** This state with another first vector. */
  public StateChunks withFirst(StateChunks first) {
    List<float[]> replaced = new ArrayList<>(chunks);
    for (int chunk = 0; chunk < first.layout.chunks(); chunk++) {
      float[] values = first.chunks.get(chunk);
      if (values.length < replaced.get(chunk).length) {
        float[] whole = replaced.get(chunk).clone();
        System.arraycopy(values, 0, whole, 0, values.length);
        values = whole;
      }
      replaced.set(chunk, values);
    }
    return new StateChunks(layout, replaced);
  }

  ChunkLayout layout() {
    return layout;
  }

  float[] chunk(int number) {
    return chunks.get(number);
  }
}
