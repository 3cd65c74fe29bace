package dev.mien.model.nn;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module made of source text, constants and buffers; libtorch compiles it when it is
 * loaded.
 *
 * <p>The archive is a zip of uncompressed entries: {@code code/__torch__.py} is the class, {@code
 * data.pkl} its attributes (pickle protocol 2), {@code data/i} the i-th buffer's float32 values,
 * {@code constants.pkl} an empty tuple and {@code version} the number 3. Entries carry a fixed
 * time, so the same module gives the same bytes.
 */
public final class TorchScript {

  /** What the compiled methods see as {@code self.name}. */
  private sealed interface Attribute {
    String type();

    /** Writes the value; a buffer's float32 values are added to the archive's buffers. */
    void write(DataOutputStream pickle, List<float[]> buffers) throws IOException;
  }

  private record Whole(int value) implements Attribute {
    @Override
    public String type() {
      return "int";
    }

    @Override
    public void write(DataOutputStream pickle, List<float[]> buffers) throws IOException {
      writeInt(pickle, value);
    }
  }

  private record Real(double value) implements Attribute {
    @Override
    public String type() {
      return "float";
    }

    @Override
    public void write(DataOutputStream pickle, List<float[]> buffers) throws IOException {
      pickle.writeByte('G');
      pickle.writeDouble(value);
    }
  }

  private record Wholes(List<Integer> values) implements Attribute {
    @Override
    public String type() {
      return "List[int]";
    }

    @Override
    public void write(DataOutputStream pickle, List<float[]> buffers) throws IOException {
      pickle.writeBytes("ctorch.jit._pickle\nbuild_intlist\n(](");
      for (int value : values) {
        writeInt(pickle, value);
      }
      pickle.writeBytes("etR");
    }
  }

  private record Tensors() implements Attribute {
    @Override
    public String type() {
      return "List[Tensor]";
    }

    @Override
    public void write(DataOutputStream pickle, List<float[]> buffers) throws IOException {
      pickle.writeBytes("ctorch.jit._pickle\nbuild_tensorlist\n(]tR");
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // written once, never compared
  private record Buffer(float[] values, int[] shape) implements Attribute {
    @Override
    public String type() {
      return "Tensor";
    }

    @Override
    public void write(DataOutputStream pickle, List<float[]> buffers) throws IOException {
      pickle.writeBytes("ctorch._utils\n_rebuild_tensor_v2\n((");
      writeText(pickle, "storage");
      pickle.writeBytes("ctorch\nFloatStorage\n");
      writeText(pickle, Integer.toString(buffers.size()));
      writeText(pickle, "cpu");
      writeInt(pickle, values.length);
      pickle.writeBytes("tQ");
      writeInt(pickle, 0);
      writeTuple(pickle, shape);
      writeTuple(pickle, strides(shape));
      pickle.writeBytes("\u0089ccollections\nOrderedDict\n)RtR");
      buffers.add(values);
    }
  }

  private static final String ROOT = "module/";

  /** The earliest time that a zip can hold. */
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  /** Values converted at a time when a buffer is written. */
  private static final int CHUNK = 1 << 18;

  private final SortedMap<String, Attribute> attributes = new TreeMap<>();
  private final String methods;

  /**
   * @param methods method definitions, indented by two spaces
   */
  public TorchScript(String methods) {
    this.methods = methods;
  }

  /** Adds an {@code int}. */
  public TorchScript with(String name, int value) {
    attributes.put(name, new Whole(value));
    return this;
  }

  /** Adds a {@code float}. */
  public TorchScript with(String name, double value) {
    attributes.put(name, new Real(value));
    return this;
  }

  /** Adds a {@code List[int]}. */
  public TorchScript with(String name, List<Integer> values) {
    attributes.put(name, new Wholes(List.copyOf(values)));
    return this;
  }

  /** Adds a {@code List[Tensor]}, empty, for methods to assign. */
  public TorchScript withTensors(String name) {
    attributes.put(name, new Tensors());
    return this;
  }

  /** Adds a float32 buffer, row-major; it moves with the module to its device. */
  public TorchScript with(String name, float[] values, int... shape) {
    attributes.put(name, new Buffer(values, shape));
    return this;
  }

  /** Writes the archive; the stream stays open. */
  public void write(OutputStream out) throws IOException {
    var zip = new ZipOutputStream(out);
    zip.setMethod(ZipOutputStream.STORED);
    var buffers = new ArrayList<float[]>();
    put(zip, "data.pkl", pickle(buffers));
    put(zip, "code/__torch__.py", source().getBytes(StandardCharsets.UTF_8));
    put(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
    put(zip, "version", new byte[] {'3', '\n'});
    for (int i = 0; i < buffers.size(); i++) {
      put(zip, "data/" + i, buffers.get(i));
    }
    zip.finish();
  }

  private String source() {
    var text =
        new StringBuilder("class Network(Module):\n  __parameters__ = []\n  __buffers__ = [");
    attributes.forEach(
        (name, attribute) -> {
          if (attribute instanceof Buffer) {
            text.append('"').append(name).append("\", ");
          }
        });
    text.append("]\n");
    attributes.forEach(
        (name, attribute) ->
            text.append("  ").append(name).append(" : ").append(attribute.type()).append('\n'));
    return text.append(methods).toString();
  }

  private byte[] pickle(List<float[]> buffers) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var pickle = new DataOutputStream(bytes);
    pickle.writeBytes("\u0080\u0002c__torch__\nNetwork\n)\u0081}(");
    for (var entry : attributes.entrySet()) {
      writeText(pickle, entry.getKey());
      entry.getValue().write(pickle, buffers);
    }
    pickle.writeBytes("ub.");
    return bytes.toByteArray();
  }

  private static int[] strides(int[] shape) {
    var strides = new int[shape.length];
    int stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }

  private static void writeTuple(DataOutputStream pickle, int... values) throws IOException {
    pickle.writeByte('(');
    for (int value : values) {
      writeInt(pickle, value);
    }
    pickle.writeByte('t');
  }

  private static void writeInt(DataOutputStream pickle, int value) throws IOException {
    pickle.writeByte('J');
    pickle.writeInt(Integer.reverseBytes(value));
  }

  private static void writeText(DataOutputStream pickle, String ascii) throws IOException {
    pickle.writeByte('X');
    pickle.writeInt(Integer.reverseBytes(ascii.length()));
    pickle.writeBytes(ascii);
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    var crc = new CRC32();
    crc.update(content);
    zip.putNextEntry(entry(name, content.length, crc));
    zip.write(content);
    zip.closeEntry();
  }

  /** Reads the values twice, because a stored entry begins with its checksum. */
  private static void put(ZipOutputStream zip, String name, float[] values) throws IOException {
    var crc = new CRC32();
    var chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < values.length; from += CHUNK) {
      crc.update(chunk.array(), 0, fill(chunk, values, from));
    }
    zip.putNextEntry(entry(name, (long) values.length * Float.BYTES, crc));
    for (int from = 0; from < values.length; from += CHUNK) {
      zip.write(chunk.array(), 0, fill(chunk, values, from));
    }
    zip.closeEntry();
  }

  private static int fill(ByteBuffer chunk, float[] values, int from) {
    int count = Math.min(CHUNK, values.length - from);
    chunk.asFloatBuffer().put(values, from, count);
    return count * Float.BYTES;
  }

  private static ZipEntry entry(String name, long size, CRC32 crc) {
    var entry = new ZipEntry(ROOT + name);
    entry.setSize(size);
    entry.setCompressedSize(size);
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(EPOCH);
    return entry;
  }
}
