package dev.mien.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A float32 vector on a device, copied in and out through a small piece of native memory; its
 * manager closes it.
 */
public final class FlatVector {
  /** Values copied at a time: 16 MiB. */
  private static final int CHUNK = 1 << 22;

  private final NDArray array;

  private FlatVector(NDArray array) {
    this.array = array;
  }

  /** A vector of zeros. */
  public static FlatVector zeros(NDManager manager, int size) {
    return new FlatVector(manager.zeros(new Shape(size), DataType.FLOAT32));
  }

  /** The device's array, of the manager that made it. */
  public NDArray array() {
    return array;
  }

  /** Overwrites every value. */
  public void set(float[] values) {
    var chunk = ByteBuffer.allocateDirect(chunkBytes(values.length)).order(ByteOrder.nativeOrder());
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      chunk.clear().limit(count * Float.BYTES);
      chunk.asFloatBuffer().put(values, from, count);
      try (NDManager scope = array.getManager().newSubManager()) {
        NDArray part = scope.create(chunk, new Shape(count), DataType.FLOAT32);
        array.set(new NDIndex("{}:{}", from, from + count), part);
      }
    }
  }

  /** A copy of every value. */
  public float[] values() {
    var values = new float[Math.toIntExact(array.size())];
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      try (NDManager scope = array.getManager().newSubManager();
          NDArray part = array.get(scope, new NDIndex("{}:{}", from, from + count))) {
        part.toByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer().get(values, from, count);
      }
    }
    return values;
  }

  private static int chunkBytes(int size) {
    return Math.min(CHUNK, size) * Float.BYTES;
  }
}
