package dev.mien.spark.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FSError;

/** Work that writes files. */
@FunctionalInterface
public interface Writing {

  void run() throws IOException;

  /**
   * Runs the work. Hadoop reports a full local disk by an Error, which code that expects an
   * IOException would miss; it is thrown as an IOException.
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
