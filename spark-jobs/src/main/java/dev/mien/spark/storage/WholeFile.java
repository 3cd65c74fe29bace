package dev.mien.spark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Replaces a file so that a reader, a kill or a power cut meets the old one or the new one. Where a
 * rename is one step, on local disks and HDFS, the new one is written aside first, as a {@link
 * DurableFile}; object stores show a file only once it is whole.
 */
public final class WholeFile {

  private static final String ASIDE = ".writing";

  private WholeFile() {}

  /** Without Hadoop's checksum files on a local disk, which could not move in the same step. */
  public static FileSystem fileSystem(Configuration hadoop, Path path) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  /**
   * Reads a file that is text in UTF-8.
   *
   * @throws IOException when it cannot be read, whatever the file system
   */
  public static String text(FileSystem files, Path path) throws IOException {
    return Reading.read(
        path,
        () -> {
          try (InputStream in = files.open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
          }
        });
  }

  /**
   * Writes all bytes of a file.
   *
   * @throws IOException when it cannot be written, whatever the file system
   */
  public static void write(FileSystem files, Path path, byte[] bytes) throws IOException {
    Writing.write(() -> put(DurableFile.unchecked(files, path), path, bytes));
  }

  private static void put(FileSystem files, Path path, byte[] bytes) throws IOException {
    if (files instanceof RawLocalFileSystem) {
      Path aside = path.suffix(ASIDE);
      DurableFile.write(files, aside, out -> out.write(bytes));
      if (!files.rename(aside, path)) {
        throw new IOException("Cannot move " + aside + " to " + path);
      }
    } else if (DurableFile.isHdfs(files)) {
      replace(files, files.makeQualified(path), bytes);
    } else {
      DurableFile.write(files, path, out -> out.write(bytes));
    }
  }

  /** {@code FileSystem.rename} does not replace; that of a FileContext does, in one step. */
  private static void replace(FileSystem files, Path path, byte[] bytes) throws IOException {
    Path aside = path.suffix(ASIDE);
    DurableFile.write(files, aside, out -> out.write(bytes));
    FileContext context = FileContext.getFileContext(files.getUri(), files.getConf());
    context.rename(aside, path, Rename.OVERWRITE);
  }
}
