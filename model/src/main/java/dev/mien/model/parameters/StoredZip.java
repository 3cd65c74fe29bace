package dev.mien.model.parameters;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Reads zip files as PyTorch writes them and no others: every entry uncompressed, no two
 * overlapping, the directory at the end. So no entry is larger than the file, and every reader
 * finds the same under a name. (General zip readers allow compression, entries that overlap or
 * occur twice, and local headers that contradict the directory.)
 */
final class StoredZip {

  /**
   * An entry.
   *
   * @param offset of its first byte in the file
   * @param size in bytes
   */
  record Entry(String name, long offset, long size, int crc) {}

  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int END64 = 0x06064b50;
  private static final int END64_BYTES = 56;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int LOCATOR64_BYTES = 20;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int EXTRA64 = 1;

  /** The two flags that PyTorch sets: sizes follow the data, and names are UTF-8. */
  private static final int KNOWN_FLAGS = 0x0808;

  private static final long IN_EXTRA = 0xFFFFFFFFL;
  private static final int LARGEST_DIRECTORY = 16 << 20;

  private final FileChannel channel;
  private final Map<String, Entry> entries;

  private StoredZip(FileChannel channel, Map<String, Entry> entries) {
    this.channel = channel;
    this.entries = entries;
  }

  /**
   * Reads the directory.
   *
   * @throws IOException if it is not such a file, saying what is wrong
   */
  static StoredZip open(FileChannel channel) throws IOException {
    Directory directory = directory(channel);
    var found = new ArrayList<Located>();
    while (directory.bytes().hasRemaining()) {
      found.add(central(directory.bytes()));
    }
    found.sort(Comparator.comparingLong(Located::header));

    var entries = new LinkedHashMap<String, Entry>();
    long free = 0;
    for (Located located : found) {
      if (located.header() < free) {
        throw invalid("entry %s overlaps the one before it", located.name());
      }
      long start = data(channel, located);
      free = start + located.size();
      if (free < start || free > directory.start()) {
        throw invalid("entry %s reaches into the directory", located.name());
      }
      var entry = new Entry(located.name(), start, located.size(), located.crc());
      if (entries.put(entry.name(), entry) != null) {
        throw invalid("entry %s occurs twice", entry.name());
      }
    }
    return new StoredZip(channel, Collections.unmodifiableMap(entries));
  }

  /** The entries by name, in their order in the file. */
  Map<String, Entry> entries() {
    return entries;
  }

  /**
   * Reads an entry's bytes.
   *
   * @throws IOException if they do not fit into an array, or their checksum is not the one in the
   *     file
   */
  byte[] read(Entry entry) throws IOException {
    if (entry.size() > Integer.MAX_VALUE - 8) {
      throw invalid("entry %s of %d bytes is too large for one array", entry.name(), entry.size());
    }
    requireBytes(channel, entry.offset(), entry.size());
    var bytes = new byte[(int) entry.size()];
    fill(channel, entry.offset(), ByteBuffer.wrap(bytes));
    var checksum = new CRC32();
    checksum.update(bytes);
    if ((int) checksum.getValue() != entry.crc()) {
      throw invalid("entry %s is damaged (its checksum is another)", entry.name());
    }
    return bytes;
  }

  /** An entry as the directory describes it; its local header is at {@code header}. */
  private record Located(String name, long header, long size, int crc) {}

  private record Directory(long start, ByteBuffer bytes) {}

  private static Directory directory(FileChannel channel) throws IOException {
    long length = channel.size();
    long endAt = length - END_BYTES;
    if (endAt < 0) {
      throw invalid("%d bytes are too few", length);
    }
    ByteBuffer end = read(channel, endAt, END_BYTES);
    if (end.getInt(0) != END || end.getShort(20) != 0) {
      throw invalid("no directory at the end (the file is cut off, or has bytes appended)");
    }
    long size = Integer.toUnsignedLong(end.getInt(12));
    long start = Integer.toUnsignedLong(end.getInt(16));

    long directoryEnd = endAt;
    long locatorAt = endAt - LOCATOR64_BYTES;
    if (locatorAt >= END64_BYTES) {
      ByteBuffer locator = read(channel, locatorAt, LOCATOR64_BYTES);
      if (locator.getInt(0) == LOCATOR64) {
        directoryEnd = locatorAt - END64_BYTES;
        ByteBuffer end64 = read(channel, directoryEnd, END64_BYTES);
        if (end64.getInt(0) != END64 || locator.getLong(8) != directoryEnd) {
          throw invalid("its two directory ends contradict each other");
        }
        size = end64.getLong(40);
        start = end64.getLong(48);
      }
    }
    if (size < 0 || start < 0 || size > LARGEST_DIRECTORY || start + size != directoryEnd) {
      throw invalid(
          "a directory of %d bytes at %d (must end at %d, and take at most %d)",
          size, start, directoryEnd, LARGEST_DIRECTORY);
    }
    return new Directory(start, read(channel, start, (int) size));
  }

  private static Located central(ByteBuffer directory) throws IOException {
    if (directory.remaining() < CENTRAL_BYTES || directory.getInt() != CENTRAL) {
      throw invalid("a directory entry does not begin where the one before it ends");
    }
    ByteBuffer header = directory.slice(directory.position(), CENTRAL_BYTES - 4);
    header.order(ByteOrder.LITTLE_ENDIAN);
    directory.position(directory.position() + CENTRAL_BYTES - 4);
    String name = name(take(directory, Short.toUnsignedInt(header.getShort(24))));
    ByteBuffer extra = take(directory, Short.toUnsignedInt(header.getShort(26)));
    take(directory, Short.toUnsignedInt(header.getShort(28)));
    requireStored(name, header.getShort(4), header.getShort(6));

    long packed = Integer.toUnsignedLong(header.getInt(16));
    long size = Integer.toUnsignedLong(header.getInt(20));
    long offset = Integer.toUnsignedLong(header.getInt(38));
    if (packed == IN_EXTRA || size == IN_EXTRA || offset == IN_EXTRA) {
      ByteBuffer large = extra64(name, extra);
      size = size == IN_EXTRA ? next(name, large) : size;
      packed = packed == IN_EXTRA ? next(name, large) : packed;
      offset = offset == IN_EXTRA ? next(name, large) : offset;
    }
    if (packed != size || size < 0 || offset < 0) {
      throw invalid("entry %s takes %d bytes for %d (must be stored)", name, packed, size);
    }
    return new Located(name, offset, size, header.getInt(12));
  }

  /** The position of an entry's data, if its local header agrees with the directory. */
  private static long data(FileChannel channel, Located located) throws IOException {
    ByteBuffer header = read(channel, located.header(), LOCAL_BYTES);
    if (header.getInt(0) != LOCAL) {
      throw invalid("entry %s is not where the directory says", located.name());
    }
    requireStored(located.name(), header.getShort(6), header.getShort(8));
    int nameBytes = Short.toUnsignedInt(header.getShort(26));
    String name = name(read(channel, located.header() + LOCAL_BYTES, nameBytes));
    if (!name.equals(located.name())) {
      throw invalid("entry %s calls itself %s", located.name(), name);
    }
    return located.header() + LOCAL_BYTES + nameBytes + Short.toUnsignedInt(header.getShort(28));
  }

  private static void requireStored(String name, short flags, short method) throws IOException {
    if ((flags & ~KNOWN_FLAGS) != 0 || method != 0) {
      throw invalid(
          "entry %s is compressed or encrypted (torch.save stores bytes as they are; TorchScript"
              + " archives, which hold code, are not read)",
          name);
    }
  }

  /**
   * Reads a name, which must not look like a path out of the archive; it is never used as a path
   * anyway.
   */
  private static String name(ByteBuffer bytes) throws IOException {
    String name = StandardCharsets.UTF_8.decode(bytes).toString();
    List<String> parts = List.of(name.split("/", -1));
    if (parts.stream().anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))
        || name.chars().anyMatch(c -> c < ' ' || c == '\\' || c == ':')) {
      throw invalid("entry name %s is a path trick", name);
    }
    return name;
  }

  private static ByteBuffer extra64(String name, ByteBuffer extra) throws IOException {
    while (extra.remaining() >= 4) {
      int id = extra.getShort();
      ByteBuffer field = take(extra, Short.toUnsignedInt(extra.getShort()));
      if (id == EXTRA64) {
        return field;
      }
    }
    throw invalid("entry %s lacks its 64-bit sizes", name);
  }

  private static long next(String name, ByteBuffer field) throws IOException {
    if (field.remaining() < Long.BYTES) {
      throw invalid("entry %s lacks its 64-bit sizes", name);
    }
    return field.getLong();
  }

  private static ByteBuffer take(ByteBuffer source, int bytes) throws IOException {
    if (source.remaining() < bytes) {
      throw invalid("a directory entry ends after the directory");
    }
    ByteBuffer taken = source.slice(source.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
    source.position(source.position() + bytes);
    return taken;
  }

  private static ByteBuffer read(FileChannel channel, long at, int bytes) throws IOException {
    requireBytes(channel, at, bytes);
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill(channel, at, buffer);
    return buffer.flip();
  }

  /** Checks that the file has these bytes, before memory is allocated for them. */
  private static void requireBytes(FileChannel channel, long at, long bytes) throws IOException {
    if (at < 0 || at > channel.size() - bytes) {
      throw invalid("ends before byte %d", at + bytes);
    }
  }

  private static void fill(FileChannel channel, long at, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new EOFException("The file became shorter while it was read");
      }
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would cost a dependency
  private static IOException invalid(String format, Object... arguments) {
    return new IOException("Invalid zip file: " + format.formatted(Tensor.shown(arguments)));
  }
}
