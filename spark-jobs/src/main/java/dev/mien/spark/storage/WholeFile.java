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
 *
 * @param files that the file is in
 * @param path of the file, which there need not be yet
 */
public record WholeFile(FileSystem files, Path path) {

  private static final String ASIDE = ".writing";

  /** The file of a name in a folder. */
  public static WholeFile of(Configuration hadoop, String folder, String name) throws IOException {
    return of(hadoop, new Path(folder, name));
  }

  /** The file at a path. */
  public static WholeFile of(Configuration hadoop, Path path) throws IOException {
    return new WholeFile(fileSystem(hadoop, path), path);
  }

  /** Without Hadoop's checksum files on a local disk, which could not move in the same step. */
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
    Writing.write(() -> put(DurableFile.unchecked(files, path), path, bytes));
  }

  /** Deletes the file, if it is there; says whether it was. */
  public boolean delete() throws IOException {
    return files.delete(path, false);
  }

  /**
   * Makes the folder of a file that a job is to write at its end, and tries to write there.
   *
   * @param option by which the file was asked for
   * @throws IllegalArgumentException when a file there cannot be
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
      files.delete(tried, false);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Invalid %s: %s cannot be written: %s (name a file elsewhere)"
              .formatted(option, path, e.getMessage()),
          e);
    }
  }

  /** The path, for messages. */
  @Override
  public String toString() {
    return path.toString();
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
