package dev.mien.spark.session;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * An array's length, its values in pieces of {@value #PIECE} bytes, little-endian, and the CRC-32C
 * of those bytes, an int. Kryo's own writes values one by one, which bounds the exchange. The
 * pieces go past Kryo's buffer where there is a stream behind it, which Kryo would call, and flush,
 * for every 4 KiB. The sum is there because Spark checks broadcasts as they arrive, but neither
 * uncompressed shuffle blocks nor results: a bit flipped in a replica's parameters would be
 * averaged.
 */
final class FloatArraySerializer extends Serializer<float[]> {

  private static final int PIECE = 1 << 16;

  FloatArraySerializer() {
    setAcceptsNull(false);
  }

  @Override
  public void write(Kryo kryo, Output output, float[] values) {
    ByteBuffer piece = ByteBuffer.allocate(piece(values.length)).order(ByteOrder.LITTLE_ENDIAN);
    int most = PIECE / Float.BYTES;
    CRC32C sum = new CRC32C();
    output.writeInt(values.length);
    for (int from = 0; from < values.length; from += most) {
      int count = Math.min(most, values.length - from);
      piece.clear().asFloatBuffer().put(values, from, count);
      sum.update(piece.array(), 0, count * Float.BYTES);
      write(output, piece.array(), count * Float.BYTES);
    }
    output.writeInt((int) sum.getValue());
  }

  @Override
  public float[] read(Kryo kryo, Input input, Class<float[]> type) {
    float[] values = new float[input.readInt()];
    CRC32C sum = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate(piece(values.length)).order(ByteOrder.LITTLE_ENDIAN);
    int most = PIECE / Float.BYTES;
    for (int from = 0; from < values.length; from += most) {
      int count = Math.min(most, values.length - from);
      read(input, piece.array(), count * Float.BYTES);
      sum.update(piece.array(), 0, count * Float.BYTES);
      piece.clear().asFloatBuffer().get(values, from, count);
    }
    int sent = input.readInt();
    if (sent != (int) sum.getValue()) {
      throw new KryoException(
          "%d values were damaged on their way: CRC-32C %08x (was %08x when they were sent)"
              .formatted(values.length, (int) sum.getValue(), sent));
    }
    return values;
  }

  private static int piece(int values) {
    return (int) Math.min(PIECE, (long) values * Float.BYTES);
  }

  private static void write(Output output, byte[] bytes, int length) {
    OutputStream stream = output.getOutputStream();
    if (stream == null) {
      output.writeBytes(bytes, 0, length);
      return;
    }
    if (output.position() > 0) {
      output.flush();
    }
    try {
      stream.write(bytes, 0, length);
    } catch (IOException e) {
      throw new KryoException(e);
    }
  }

  private static void read(Input input, byte[] bytes, int length) {
    InputStream stream = input.getInputStream();
    int buffered = stream == null ? length : Math.min(length, input.limit() - input.position());
    input.readBytes(bytes, 0, buffered);
    if (buffered == length) {
      return;
    }
    try {
      int read = stream.readNBytes(bytes, buffered, length - buffered);
      if (read < length - buffered) {
        throw new KryoException("Buffer underflow.");
      }
    } catch (IOException e) {
      throw new KryoException(e);
    }
  }
}
