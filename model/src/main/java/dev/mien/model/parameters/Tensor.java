package dev.mien.model.parameters;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One named array of a safetensors file.
 *
 * @param type of every element
 * @param shape row-major
 * @param data the elements from position to limit, little-endian; not copied
 */
public record Tensor(Type type, List<Long> shape, ByteBuffer data) {

  /** The element types that Mien writes; the names are the format's. */
  public enum Type {
    F32(4),
    F64(8),
    I64(8),
    U8(1);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of an element. */
    public int bytes() {
      return bytes;
    }
  }

  public Tensor {
    shape = List.copyOf(shape);
    data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    long expected = bytes(type, shape);
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "Invalid tensor: %d bytes of data (%s of shape %s takes %d)"
              .formatted(data.remaining(), type, shape, expected));
    }
  }

  /** A copy of the values as float32. */
  public static Tensor of(List<Long> shape, float... values) {
    var data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new Tensor(Type.F32, shape, data);
  }

  /**
   * A copy of the elements.
   *
   * @throws IllegalStateException if the type is not {@link Type#F32}
   */
  public float[] floats() {
    if (type != Type.F32) {
      throw new IllegalStateException("Cannot read floats from a tensor of " + type);
    }
    var values = new float[data.remaining() / Float.BYTES];
    copyTo(values, 0);
    return values;
  }

  void copyTo(float[] values, int offset) {
    data.duplicate()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values, offset, data.remaining() / Float.BYTES);
  }

  /** Bytes that a tensor takes, with overflow as an error. */
  static long bytes(Type type, List<Long> shape) {
    long bytes = type.bytes();
    for (long length : shape) {
      if (length < 0) {
        throw new IllegalArgumentException("Invalid shape: " + shape + " (a negative length)");
      }
      bytes = Math.multiplyExact(bytes, length);
    }
    return bytes;
  }
}
