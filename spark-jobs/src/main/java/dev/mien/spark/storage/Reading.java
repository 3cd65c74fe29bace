package dev.mien.spark.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/** Work that reads a file. */
@FunctionalInterface
public interface Reading<T> {

  T run() throws IOException;

  /**
   * Runs the work. Hadoop reports a failure of a local disk, or of what is mounted like one, by an
   * Error, which code that expects an IOException would miss; it is thrown as an IOException.
   *
   * @param path that is read, for the message
   * @throws IOException when it cannot be read, whatever the file system
   */
  static <T> T read(Path path, Reading<T> reading) throws IOException {
    try {
      return reading.run();
    } catch (FSError e) {
      throw new IOException("Cannot read %s: %s".formatted(path, e.getCause().getMessage()), e);
    }
  }
}
