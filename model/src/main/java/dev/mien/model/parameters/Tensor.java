package dev.mien.model.parameters;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A named array in a file of weights.
 *
 * @param type of every element
 * @param shape row-major
 * @param data the elements from position to limit, little-endian; not copied
 */
public record Tensor(Type type, List<Long> shape, ByteBuffer data) {
  /** The largest number of characters in a name. */
  static final int LONGEST_NAME = 1000;

  /** The largest number of dimensions. */
  static final int MOST_DIMENSIONS = 16;

  private static final int LONGEST_SHOWN = 100;

  /** The element types; the names are those of the safetensors format. */
  public enum Type {
    F64(8),
    I64(8),
    F32(4),
    I32(4),
    F16(2),
    BF16(2),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of an element. */
    public int bytes() {
      return bytes;
    }

    /** Whether the type can hold weights. */
    public boolean isFloating() {
      return this == F64 || this == F32 || this == F16 || this == BF16;
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

  /** A float32 tensor with a copy of the values. */
  public static Tensor of(List<Long> shape, float... values) {
    var data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new Tensor(Type.F32, shape, data);
  }

  /**
   * A copy of the elements as float32, which is exact except for {@link Type#F64}.
   *
   * @throws IllegalStateException if the type is not a floating one
   */
  public float[] floats() {
    var values = new float[data.remaining() / type.bytes()];
    copyTo(values, 0);
    return values;
  }

  void copyTo(float[] values, int offset) {
    ByteBuffer source = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int count = source.remaining() / type.bytes();
    switch (type) {
      case F32 -> source.asFloatBuffer().get(values, offset, count);
      case F64 -> {
        for (int i = 0; i < count; i++) {
          values[offset + i] = (float) source.getDouble();
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          values[offset + i] = half(source.getShort());
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          values[offset + i] = Float.intBitsToFloat(source.getShort() << 16);
        }
      }
      case I64, I32, I16, I8, U8, BOOL ->
          throw new IllegalStateException("Cannot read floats from a tensor of " + type);
    }
  }

  /** Decodes IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
  private static float half(short bits) {
    int exponent = (bits >> 10) & 0x1F;
    int fraction = bits & 0x3FF;
    float magnitude =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24f;
          case 0x1F -> Float.intBitsToFloat(0x7F800000 | (fraction << 13));
          default -> Float.intBitsToFloat(((exponent + 112) << 23) | (fraction << 13));
        };
    return bits < 0 ? -magnitude : magnitude;
  }

  /** The bytes of a tensor; an overflow is an error. */
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

  /**
   * The beginning of a text from a file, such as a name, without characters that a terminal would
   * act on.
   */
  public static String shown(String text) {
    String begin = text.substring(0, Math.min(text.length(), LONGEST_SHOWN));
    String printable = begin.replaceAll("[^\\x20-\\x7E]", "?");
    return text.length() <= LONGEST_SHOWN ? printable : printable + "…";
  }

  /** A message's arguments, with texts, which come from a file, made safe to print. */
  static Object[] shown(Object[] arguments) {
    Object[] shown = arguments.clone();
    for (int i = 0; i < shown.length; i++) {
      shown[i] = shown[i] instanceof String text ? shown(text) : shown[i];
    }
    return shown;
  }
}
