package dev.mien.spark.isolate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Removes a folder that another process may be removing too. */
final class Folders {

  private Folders() {}

  static void delete(Path folder) {
    try (Stream<Path> found = Files.walk(folder)) {
      List<Path> inwards = found.sorted(Comparator.reverseOrder()).toList();
      for (Path path : inwards) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // Gone already.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
