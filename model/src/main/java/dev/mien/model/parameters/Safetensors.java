package dev.mien.model.parameters;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The safetensors format, which holds no code and is read without trust.
 *
 * <p>Eight bytes give the header's length N, little-endian; N bytes of JSON follow, padded with
 * spaces so that the data start at a multiple of eight; then the data, without gaps. The JSON maps
 * each name to {@code {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}}, offsets
 * counted from the start of the data, and {@code __metadata__} to a map of strings. Names of more
 * than 1000 characters and shapes of more than 16 lengths are refused. Keys are sorted; wider
 * element types come first, so that every tensor is aligned.
 *
 * @param metadata the map of strings, empty when the file has none
 * @param tensors by name
 */
public record Safetensors(SortedMap<String, String> metadata, SortedMap<String, Tensor> tensors) {
  /** The format's own limit, against headers that are meant to exhaust memory. */
  static final int LARGEST_HEADER = 100_000_000;

  private static final int ALIGNMENT = 8;

  private static final int BUFFER = 1 << 16;

  public Safetensors {
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
  }

  /** Writes a file; equal arguments give equal bytes. The stream stays open. */
  public static void write(
      OutputStream out, Map<String, String> metadata, Map<String, Tensor> tensors)
      throws IOException {
    List<SafetensorsHeader.Entry> entries = new ArrayList<>(tensors.size());
    tensors.forEach((name, tensor) -> entries.add(entry(name, tensor.type(), tensor.shape())));
    write(out, metadata, entries, tensors::get);
  }

  /**
   * Writes the same file from float32 tensors that are requested one after another, each once, so
   * that only one need be in memory.
   */
  public static void write(
      OutputStream out,
      Map<String, String> metadata,
      Map<String, List<Long>> shapes,
      Function<String, Tensor> tensors)
      throws IOException {
    List<SafetensorsHeader.Entry> entries = new ArrayList<>(shapes.size());
    shapes.forEach((name, shape) -> entries.add(entry(name, Tensor.Type.F32, shape)));
    write(out, metadata, entries, tensors);
  }

  private static void write(
      OutputStream out,
      Map<String, String> metadata,
      List<SafetensorsHeader.Entry> entries,
      Function<String, Tensor> tensors)
      throws IOException {
    List<SafetensorsHeader.Entry> order =
        entries.stream()
            .sorted(
                Comparator.comparing((SafetensorsHeader.Entry entry) -> -entry.type().bytes())
                    .thenComparing(SafetensorsHeader.Entry::name))
            .toList();
    byte[] json = SafetensorsHeader.encode(metadata, order).getBytes(StandardCharsets.UTF_8);
    int padding = Math.floorMod(-json.length, ALIGNMENT);
    var length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(json.length + padding).array());
    out.write(json);
    out.write(" ".repeat(padding).getBytes(StandardCharsets.UTF_8));
    WritableByteChannel channel = Channels.newChannel(out);
    for (SafetensorsHeader.Entry entry : order) {
      ByteBuffer data = tensors.apply(entry.name()).data().duplicate();
      while (data.hasRemaining()) {
        channel.write(data);
      }
    }
  }

  private static SafetensorsHeader.Entry entry(String name, Tensor.Type type, List<Long> shape) {
    return new SafetensorsHeader.Entry(
        name, type, shape, 0, Math.toIntExact(Tensor.bytes(type, shape)));
  }

  /**
   * Reads the whole stream, which must end where the file does; the stream stays open.
   *
   * @throws IOException if the stream fails, or the file is not well formed, saying what is wrong
   */
  public static Safetensors read(InputStream in) throws IOException {
    SafetensorsHeader header = header(in);
    var tensors = new TreeMap<String, Tensor>();
    forEach(in, header, name -> true, tensors::put);
    return new Safetensors(header.metadata(), tensors);
  }

  /**
   * Reads the whole stream and hands over the wanted tensors one after another, in the file's
   * order, so that only one need be in memory. Unwanted ones are read and dropped, so that a stream
   * that computes a hash sees all bytes.
   *
   * @throws IOException as {@link #read}; some tensors may have been handed over by then
   */
  public static void forEach(
      InputStream in, Predicate<String> wanted, BiConsumer<String, Tensor> taker)
      throws IOException {
    forEach(in, header(in), wanted, taker);
  }

  private static SafetensorsHeader header(InputStream in) throws IOException {
    byte[] prefix = in.readNBytes(Long.BYTES);
    if (prefix.length < Long.BYTES) {
      throw new IOException(
          "Invalid safetensors: %d bytes (must begin with 8 of length)".formatted(prefix.length));
    }
    long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > LARGEST_HEADER) {
      throw new IOException(
          "Invalid safetensors: a header of %s bytes (must be in [2,%d])"
              .formatted(Long.toUnsignedString(length), LARGEST_HEADER));
    }
    byte[] json = in.readNBytes((int) length);
    if (json.length < length) {
      throw new IOException(
          "Invalid safetensors: ends after %d of the header's %d bytes"
              .formatted(json.length, length));
    }
    return SafetensorsHeader.decode(new String(json, StandardCharsets.UTF_8));
  }

  private static void forEach(
      InputStream in,
      SafetensorsHeader header,
      Predicate<String> wanted,
      BiConsumer<String, Tensor> taker)
      throws IOException {
    for (SafetensorsHeader.Entry entry : header.entries()) {
      boolean isWanted = wanted.test(entry.name());
      // grows as bytes arrive, so a header with false sizes costs nothing
      byte[] data = isWanted ? in.readNBytes(entry.bytes()) : new byte[0];
      long read = isWanted ? data.length : pass(in, entry.bytes());
      if (read < entry.bytes()) {
        throw new IOException(
            "Invalid safetensors: ends after %d of %d bytes of %s"
                .formatted(read, entry.bytes(), Tensor.shown(entry.name())));
      }
      if (isWanted) {
        taker.accept(entry.name(), new Tensor(entry.type(), entry.shape(), ByteBuffer.wrap(data)));
      }
    }
    if (in.read() >= 0) {
      throw new IOException("Invalid safetensors: bytes follow the last tensor");
    }
  }

  /**
   * Reads so many bytes, or as many as there are, and drops them; skipping would leave them out of
   * a hash.
   */
  private static long pass(InputStream in, long bytes) throws IOException {
    var buffer = new byte[BUFFER];
    long passed = 0;
    while (passed < bytes) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, bytes - passed));
      if (read < 0) {
        break;
      }
      passed += read;
    }
    return passed;
  }
}
