package dev.mien.spark.session;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.nio.ByteBuffer;

/**
 * An array's length, then its values in pieces of {@value #PIECE} bytes, big-endian; Kryo's own
 * writes them one by one, which bounds the exchange.
 */
final class FloatArraySerializer extends Serializer<float[]> {

  private static final int PIECE = 1 << 16;

  FloatArraySerializer() {
    setAcceptsNull(false);
  }

  @Override
  public void write(Kryo kryo, Output output, float[] values) {
    ByteBuffer piece =
        ByteBuffer.allocate((int) Math.min(PIECE, (long) values.length * Float.BYTES));
    int most = PIECE / Float.BYTES;
    output.writeInt(values.length);
    for (int from = 0; from < values.length; from += most) {
      int count = Math.min(most, values.length - from);
      piece.clear().asFloatBuffer().put(values, from, count);
      output.writeBytes(piece.array(), 0, count * Float.BYTES);
    }
  }

  @Override
  public float[] read(Kryo kryo, Input input, Class<float[]> type) {
    float[] values = new float[input.readInt()];
    ByteBuffer piece =
        ByteBuffer.allocate((int) Math.min(PIECE, (long) values.length * Float.BYTES));
    int most = PIECE / Float.BYTES;
    for (int from = 0; from < values.length; from += most) {
      int count = Math.min(most, values.length - from);
      input.readBytes(piece.array(), 0, count * Float.BYTES);
      piece.clear().asFloatBuffer().get(values, from, count);
    }
    return values;
  }
}
