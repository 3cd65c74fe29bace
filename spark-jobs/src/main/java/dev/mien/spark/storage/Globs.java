package dev.mien.spark.storage;

import java.io.IOException;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Tells paths from globs, of which {@code Talk [2026]} reads as one. */
public final class Globs {

  /** The characters that Hadoop takes for parts of a glob. */
  private static final Pattern SPECIAL = Pattern.compile("[{}\\[\\]*?\\\\]");

  private Globs() {}

  /**
   * What a path stands for: the file or folder of that very name, though it reads as a glob, else
   * what the glob matches, which may be nothing.
   */
  public static FileStatus[] matches(FileSystem files, Path path) throws IOException {
    if (files.exists(path)) {
      return new FileStatus[] {files.getFileStatus(path)};
    }
    FileStatus[] matches = files.globStatus(path);
    return matches == null ? new FileStatus[0] : matches;
  }

  /** A glob that matches a path alone. */
  public static String only(Path path) {
    return SPECIAL.matcher(path.toString()).replaceAll("\\\\$0");
  }
}
