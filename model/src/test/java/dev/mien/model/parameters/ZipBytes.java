package dev.mien.model.parameters;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Zip files for tests, made by Java's own writer. */
final class ZipBytes {
  private ZipBytes() {}

  static byte[] stored(Map<String, byte[]> entries) throws IOException {
    return write(entries, ZipEntry.STORED);
  }

  static byte[] compressed(Map<String, byte[]> entries) throws IOException {
    return write(entries, ZipEntry.DEFLATED);
  }

  private static byte[] write(Map<String, byte[]> entries, int method) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        var checksum = new CRC32();
        checksum.update(entry.getValue());
        var header = new ZipEntry(entry.getKey());
        header.setMethod(method);
        header.setSize(entry.getValue().length);
        header.setCrc(checksum.getValue());
        zip.putNextEntry(header);
        zip.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }
}
