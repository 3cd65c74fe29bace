package dev.mien.spark.exchange;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Encodes differences in fewer bits, with error feedback: what rounding took from a value is added
 * to its next difference, so that the errors of many rounds do not add up (Seide et al., 2014;
 * Karimireddy et al., 2019).
 *
 * <p>With {@code a = Δ + e}, the difference plus the residual of earlier rounds, bfloat16 keeps the
 * upper two bytes of {@code a}, rounded to even. int8 stores for each {@value #BLOCK} values a
 * float scale {@code s = max|a| / 127}, and then one byte {@code q = round(a / s)} per value. The
 * new residual is {@code e = a - s q}. All numbers are big-endian.
 */
public final class DeltaEncoder {

  static final int BLOCK = 4096;

  private final Encoding encoding;
  private final float[] residual;

  /**
   * Encodes for one replica.
   *
   * @param residual what the replica's earlier roundings have left, one value per parameter;
   *     updated in place
   */
  public DeltaEncoder(Encoding encoding, float[] residual) {
    this.encoding = encoding;
    this.residual = residual;
  }

  /**
   * Encodes {@code values - base}.
   *
   * @param position index of the first value in the residual
   * @param base at least as long as the values
   */
  byte[] encode(float[] values, FloatBuffer base, int position) {
    float[] wanted = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      wanted[i] = values[i] - base.get(i) + residual[position + i];
    }

    byte[] bytes = write(wanted);
    float[] sent = decode(encoding, ByteBuffer.wrap(bytes), values.length);
    for (int i = 0; i < values.length; i++) {
      residual[position + i] = wanted[i] - sent[i];
    }
    return bytes;
  }

  /** Decodes to values: those of the base plus the rounded differences. */
  static FloatBuffer decode(Encoding encoding, ByteBuffer bytes, FloatBuffer base, int length) {
    float[] values = decode(encoding, bytes, length);
    for (int i = 0; i < length; i++) {
      values[i] += base.get(i);
    }
    return FloatBuffer.wrap(values);
  }

  /** Decodes to the rounded differences. */
  static float[] decode(Encoding encoding, ByteBuffer bytes, int length) {
    ByteBuffer in = bytes.duplicate();
    float[] values = new float[length];
    switch (encoding) {
      case FLOAT32 -> throw new IllegalArgumentException("float32 travels unencoded");
      case BFLOAT16 -> {
        for (int i = 0; i < length; i++) {
          values[i] = Float.intBitsToFloat(in.getShort() << 16);
        }
      }
      case INT8 -> {
        for (int from = 0; from < length; from += BLOCK) {
          float scale = in.getFloat();
          for (int i = from; i < Math.min(length, from + BLOCK); i++) {
            values[i] = scale * in.get();
          }
        }
      }
    }
    return values;
  }

  private byte[] write(float[] values) {
    return switch (encoding) {
      case FLOAT32 -> throw new IllegalArgumentException("float32 travels unencoded");
      case BFLOAT16 -> bfloat16(values);
      case INT8 -> int8(values);
    };
  }

  private static byte[] bfloat16(float[] values) {
    ByteBuffer out = ByteBuffer.allocate(values.length * Short.BYTES);
    for (float value : values) {
      int bits = Float.floatToRawIntBits(value);
      out.putShort((short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16));
    }
    return out.array();
  }

  private static byte[] int8(float[] values) {
    int blocks = (values.length + BLOCK - 1) / BLOCK;
    ByteBuffer out = ByteBuffer.allocate(values.length + blocks * Float.BYTES);
    for (int from = 0; from < values.length; from += BLOCK) {
      int to = Math.min(values.length, from + BLOCK);
      float largest = 0;
      for (int i = from; i < to; i++) {
        largest = Math.max(largest, Math.abs(values[i]));
      }
      float scale = largest / 127;
      out.putFloat(scale);
      for (int i = from; i < to; i++) {
        out.put((byte) (scale == 0 ? 0 : Math.round(values[i] / scale)));
      }
    }
    return out.array();
  }
}
