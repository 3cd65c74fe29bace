package dev.mien.spark.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/** Something that reads a file. */
@FunctionalInterface
public interface Reading<T> {

  T run() throws IOException;

  /**
   * Reads. Hadoop says by an Error that a local disk, or what is mounted like one, fails: it would
   * pass by whoever is ready for an IOException.
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
