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
 * A file that is replaced as a whole: a reader, a kill or a power cut meets the old content or the
 * new. Where a rename is atomic, on local disks and HDFS, the new content is written aside first,
 * as a {@link DurableFile}; object stores show a file only once it is whole.
 *
 * @param files the file system
 * @param path of the file, which need not exist
 */
public record WholeFile(FileSystem files, Path path) {

  private static final String ASIDE = ".writing";

  /** A file in a folder. */
  public static WholeFile of(Configuration hadoop, String folder, String name) throws IOException {
    return of(hadoop, new Path(folder, name));
  }

  /** A file by its path. */
  public static WholeFile of(Configuration hadoop, Path path) throws IOException {
    return new WholeFile(fileSystem(hadoop, path), path);
  }

  /**
   * The file system of a path, without Hadoop's checksum files on a local disk, which could not
   * move in the same step.
   */
  public static FileSystem fileSystem(Configuration hadoop, Path path) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  public boolean exists() throws IOException {
    return files.exists(path);
  }

  /**
   * Reads the file, which is text in UTF-8.
   *
   * @throws IOException when it cannot be read, whatever the file system
   */
  public String text() throws IOException {
    return Reading.read(
        path,
        () -> {
          try (InputStream in = files.open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
          }
        });
  }

  /**
   * Writes a text as the whole file, in UTF-8, over what is there.
   *
   * @throws IOException when it cannot be written, whatever the file system
   */
  public void write(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    put(DurableFile.unchecked(files, path), path, bytes);
  }

  /** Deletes the file; returns whether it was there. */
  public boolean delete() throws IOException {
    return files.delete(path, false);
  }

  /**
   * Makes the folder of a file that a job will write at its end, and tries to write there.
   *
   * @param option the option that named the file, for messages
   * @throws IllegalArgumentException when the file cannot be written
   */
  public void makeRoom(String option) throws IOException {
    Path folder = files.makeQualified(path).getParent();
    NewFolder.make(
        files,
        folder,
        "Invalid %s: %s (its folder %s cannot be made: name a file elsewhere)"
            .formatted(option, path, folder));
    if (files.exists(path) && files.getFileStatus(path).isDirectory()) {
      throw new IllegalArgumentException(
          "Invalid %s: %s is a folder (must be a file)".formatted(option, path));
    }
    Path tried = path.suffix(ASIDE);
    try {
      files.create(tried, true).close();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Invalid %s: %s cannot be written: %s (name a file elsewhere)"
              .formatted(option, path, e.getMessage()),
          e);
    }
    try {
      files.delete(tried, false);
    } catch (IOException e) {
      // Whoever may write to a store may not be allowed to delete: an empty file stays.
    }
  }

  /** The path. */
  @Override
  public String toString() {
    return path.toString();
  }

  private static void put(FileSystem files, Path path, byte[] bytes) throws IOException {
    if (files instanceof RawLocalFileSystem) {
      Path aside = aside(files, path, bytes);
      if (!files.rename(aside, path)) {
        throw new IOException("Cannot move " + aside + " to " + path);
      }
    } else if (DurableFile.isHdfs(files)) {
      replace(files, files.makeQualified(path), bytes);
    } else {
      DurableFile.write(files, path, out -> out.write(bytes));
    }
  }

  /** Writes a file beside the one that it is to replace. */
  private static Path aside(FileSystem files, Path path, byte[] bytes) throws IOException {
    Path aside = path.suffix(ASIDE);
    try {
      DurableFile.write(files, aside, out -> out.write(bytes));
      return aside;
    } catch (IOException e) {
      try {
        files.delete(aside, false);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  /**
   * Replaces by a FileContext, whose rename can overwrite in one step, as {@code FileSystem.rename}
   * cannot.
   */
  private static void replace(FileSystem files, Path path, byte[] bytes) throws IOException {
    Path aside = aside(files, path, bytes);
    FileContext context = FileContext.getFileContext(files.getUri(), files.getConf());
    context.rename(aside, path, Rename.OVERWRITE);
  }
}
