package dev.mien.spark.preprocess.listing;

import dev.mien.spark.storage.LocalPaths;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.apache.hadoop.fs.FileStatus;

/**
 * Checks the names of this machine's files, which Java reads by the locale: files whose names it
 * cannot read are passed over by Hadoop without a word.
 */
final class LocalNames {

  private static final char UNREADABLE = '\ufffd';

  private LocalNames() {}

  /**
   * Looks at the names below a local folder, unless Java can read all names.
   *
   * @throws IllegalArgumentException when a name cannot be read
   */
  static void requireReadable(FileStatus folder) throws IOException {
    String charset = System.getProperty("sun.jnu.encoding");
    if (!LocalPaths.isLocal(folder.getPath())
        || Charset.forName(charset).equals(StandardCharsets.UTF_8)) {
      return;
    }
    Files.walkFileTree(LocalPaths.toJava(folder.getPath()), new Names(charset));
  }

  private static final class Names extends SimpleFileVisitor<Path> {

    private final String charset;

    private Names(String charset) {
      this.charset = charset;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      return visitFile(folder, attributes);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (file.toString().indexOf(UNREADABLE) >= 0) {
        throw new IllegalArgumentException(
            "Cannot read the name of %s: this Java reads names as %s (set LC_ALL=C.UTF-8, for executors, too)"
                .formatted(file, charset));
      }
      return FileVisitResult.CONTINUE;
    }

    /** Passes over a folder that cannot be listed: the listing says so. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException problem) {
      return visitFile(file, null);
    }
  }
}
