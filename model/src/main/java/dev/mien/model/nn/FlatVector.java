package dev.mien.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A float32 vector on a device, copied in and out through a small buffer of native memory. Not
 * thread-safe; its manager closes it.
 */
public final class FlatVector {
  /** Values copied at a time: 1 MiB, which stays in a core's cache between the two copies. */
  private static final int CHUNK = 1 << 18;

  private final NDArray array;

  /** Allocated once for all calls: a direct buffer's memory is freed only when Java collects it. */
  private final ByteBuffer chunk;

  private FlatVector(NDArray array) {
    this.array = array;
    int most = (int) Math.min(CHUNK, array.size());
    this.chunk = ByteBuffer.allocateDirect(most * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  /** A vector of zeros. */
  public static FlatVector zeros(NDManager manager, int size) {
    return new FlatVector(manager.zeros(new Shape(size), DataType.FLOAT32));
  }

  /** The device's array, which belongs to the manager that made it. */
  public NDArray array() {
    return array;
  }

  /** Overwrites every value with zero. */
  public void clear() {
    int size = Math.toIntExact(array.size());
    var zeros = new float[Math.min(CHUNK, size)];
    for (int from = 0; from < size; from += CHUNK) {
      set(from, zeros, 0, Math.min(CHUNK, size - from));
    }
  }

  /** Overwrites every value. */
  public void set(float[] values) {
    set(0, values, 0, values.length);
  }

  /** Overwrites {@code count} values from {@code from} with those at {@code at}. */
  public void set(int from, float[] values, int at, int count) {
    ProcessEnd.after(() -> write(from, values, at, count));
  }

  private void write(int from, float[] values, int at, int count) {
    for (int done = 0; done < count; done += CHUNK) {
      int length = Math.min(CHUNK, count - done);
      chunk.clear().limit(length * Float.BYTES);
      chunk.asFloatBuffer().put(values, at + done, length);
      try (NDManager scope = array.getManager().newSubManager()) {
        NDArray part = scope.create(chunk, new Shape(length), DataType.FLOAT32);
        array.set(new NDIndex("{}:{}", from + done, from + done + length), part);
      }
    }
  }

  /** A copy of all values. */
  public float[] values() {
    var values = new float[Math.toIntExact(array.size())];
    copy(0, values, 0, values.length);
    return values;
  }

  /** Copies {@code count} values from {@code from} to {@code at}. */
  public void copy(int from, float[] values, int at, int count) {
    ProcessEnd.after(() -> read(from, values, at, count));
  }

  private void read(int from, float[] values, int at, int count) {
    for (int done = 0; done < count; done += CHUNK) {
      int length = Math.min(CHUNK, count - done);
      try (NDManager scope = array.getManager().newSubManager();
          NDArray part =
              array.get(scope, new NDIndex("{}:{}", from + done, from + done + length))) {
        part.toByteBuffer(true) // the vector's own memory, or on a GPU a copy that the scope closes
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer()
            .get(values, at + done, length);
      }
    }
  }
}
