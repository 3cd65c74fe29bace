package dev.mien.spark.isolate;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * How one type is written as bytes and read again; {@link RecordFormat} says what the bytes are.
 */
record Codec<T>(Writer<T> writer, Reader<T> reader) {

  interface Writer<T> {
    void write(T value, DataOutputStream out) throws IOException;
  }

  interface Reader<T> {
    T read(ByteBuffer in) throws IOException;
  }

  private interface ArrayWriter<T> {
    void put(ByteBuffer bytes, T values);
  }

  private interface ArrayReader<T> {
    T get(ByteBuffer bytes, int length);
  }

  private static final Codec<String> TEXT =
      new Codec<>(
          (value, out) -> writeBytes(value.getBytes(StandardCharsets.UTF_8), out),
          in -> new String(readBytes(in), StandardCharsets.UTF_8));

  /** The codecs of types that hold no others. */
  static final Map<Class<?>, Codec<?>> PLAIN =
      Map.ofEntries(
          plain(int.class, (value, out) -> out.writeInt(value), ByteBuffer::getInt),
          plain(long.class, (value, out) -> out.writeLong(value), ByteBuffer::getLong),
          plain(float.class, (value, out) -> out.writeFloat(value), ByteBuffer::getFloat),
          plain(double.class, (value, out) -> out.writeDouble(value), ByteBuffer::getDouble),
          plain(boolean.class, (value, out) -> out.writeBoolean(value), in -> in.get() != 0),
          plain(String.class, TEXT.writer, TEXT.reader),
          plain(
              Path.class,
              (value, out) -> TEXT.writer.write(value.toString(), out),
              in -> Path.of(TEXT.reader.read(in))),
          plain(byte[].class, Codec::writeBytes, Codec::readBytes),
          array(
              short[].class,
              Short.BYTES,
              values -> values.length,
              (bytes, values) -> bytes.asShortBuffer().put(values),
              (bytes, length) -> {
                short[] values = new short[length];
                bytes.asShortBuffer().get(values);
                return values;
              }),
          array(
              int[].class,
              Integer.BYTES,
              values -> values.length,
              (bytes, values) -> bytes.asIntBuffer().put(values),
              (bytes, length) -> {
                int[] values = new int[length];
                bytes.asIntBuffer().get(values);
                return values;
              }),
          array(
              long[].class,
              Long.BYTES,
              values -> values.length,
              (bytes, values) -> bytes.asLongBuffer().put(values),
              (bytes, length) -> {
                long[] values = new long[length];
                bytes.asLongBuffer().get(values);
                return values;
              }),
          array(
              float[].class,
              Float.BYTES,
              values -> values.length,
              (bytes, values) -> bytes.asFloatBuffer().put(values),
              (bytes, length) -> {
                float[] values = new float[length];
                bytes.asFloatBuffer().get(values);
                return values;
              }),
          array(
              double[].class,
              Double.BYTES,
              values -> values.length,
              (bytes, values) -> bytes.asDoubleBuffer().put(values),
              (bytes, length) -> {
                double[] values = new double[length];
                bytes.asDoubleBuffer().get(values);
                return values;
              }));

  static final Map<Class<?>, Class<?>> BOXED =
      Map.of(
          Integer.class, int.class,
          Long.class, long.class,
          Float.class, float.class,
          Double.class, double.class,
          Boolean.class, boolean.class);

  /** Writes a value whose type is known to be T. */
  @SuppressWarnings("unchecked")
  void writeObject(Object value, DataOutputStream out) throws IOException {
    writer.write((T) value, out);
  }

  T read(ByteBuffer in) throws IOException {
    return reader.read(in);
  }

  /** A codec for values of this type that may be null. */
  Codec<T> orNull() {
    return new Codec<>(
        (value, out) -> {
          out.writeBoolean(value != null);
          if (value != null) {
            writer.write(value, out);
          }
        },
        in -> in.get() == 0 ? null : reader.read(in));
  }

  /**
   * Reads a count of elements.
   *
   * @throws IOException when the bytes that are left have no room for so many
   */
  static int readCount(ByteBuffer in, int elementBytes) throws IOException {
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / elementBytes) {
      throw new IOException("Invalid count: " + count + " (" + in.remaining() + " bytes left)");
    }
    return count;
  }

  private static <T> Map.Entry<Class<?>, Codec<?>> plain(
      Class<T> type, Writer<T> writer, Reader<T> reader) {
    return Map.entry(type, new Codec<>(writer, reader));
  }

  private static <T> Map.Entry<Class<?>, Codec<?>> array(
      Class<T> type,
      int elementBytes,
      ToIntFunction<T> length,
      ArrayWriter<T> writer,
      ArrayReader<T> reader) {
    return plain(
        type,
        (values, out) -> {
          int count = length.applyAsInt(values);
          ByteBuffer bytes = ByteBuffer.allocate(count * elementBytes);
          writer.put(bytes, values);
          out.writeInt(count);
          out.write(bytes.array());
        },
        in -> {
          int count = readCount(in, elementBytes);
          T values = reader.get(in, count);
          in.position(in.position() + count * elementBytes);
          return values;
        });
  }

  private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] readBytes(ByteBuffer in) throws IOException {
    byte[] bytes = new byte[readCount(in, 1)];
    in.get(bytes);
    return bytes;
  }
}
