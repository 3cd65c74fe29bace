package dev.mien.spark.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Replaces a file so that a reader, or a kill, meets the old one or the new one. Where a rename is
 * one step, on local disks and HDFS, the new one is written aside first; object stores show a file
 * only once it is whole.
 */
public final class WholeFile {

  private static final Set<String> RENAMED = Set.of("hdfs", "viewfs");
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
   * @param files as {@link #fileSystem} gives them
   */
  public static void write(FileSystem files, Path path, byte[] bytes) throws IOException {
    Writing.write(() -> put(files, path, bytes));
  }

  private static void put(FileSystem files, Path path, byte[] bytes) throws IOException {
    if (files instanceof RawLocalFileSystem) {
      Path aside = path.suffix(ASIDE);
      try (OutputStream out = files.create(aside, true)) {
        out.write(bytes);
      }
      if (!files.rename(aside, path)) {
        throw new IOException("Cannot move " + aside + " to " + path);
      }
    } else if (RENAMED.contains(files.getScheme())) {
      replace(files, files.makeQualified(path), bytes);
    } else {
      try (OutputStream out = files.create(path, true)) {
        out.write(bytes);
      }
    }
  }

  /** {@code FileSystem.rename} does not replace; that of a FileContext does, in one step. */
  private static void replace(FileSystem files, Path path, byte[] bytes) throws IOException {
    FileContext context = FileContext.getFileContext(files.getUri(), files.getConf());
    Path aside = path.suffix(ASIDE);
    try (OutputStream out =
        context.create(
            aside,
            EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE),
            CreateOpts.createParent())) {
      out.write(bytes);
    }
    context.rename(aside, path, Rename.OVERWRITE);
  }
}
