package dev.mien.spark.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FSError;

/** Something that writes files. */
@FunctionalInterface
public interface Writing {

  void run() throws IOException;

  /**
   * Writes. Hadoop says by an Error that a local disk is full, which nobody expects who is ready
   * for an IOException.
   *
   * @throws IOException when it cannot be written, whatever the file system
   */
  static void write(Writing writing) throws IOException {
    try {
      writing.run();
    } catch (FSError e) {
      throw new IOException(e.getCause().getMessage(), e);
    }
  }
}
