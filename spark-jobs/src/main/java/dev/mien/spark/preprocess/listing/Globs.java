package dev.mien.spark.preprocess.listing;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Resolves paths that may be globs. */
final class Globs {

  private Globs() {}

  /**
   * What a path stands for: the file or folder of that very name, though it reads as a glob, as
   * {@code Talk [2026]} does; else what the glob matches, which may be nothing.
   */
  static FileStatus[] matches(FileSystem files, Path path) throws IOException {
    if (files.exists(path)) {
      return new FileStatus[] {files.getFileStatus(path)};
    }
    FileStatus[] matches = files.globStatus(path);
    return matches == null ? new FileStatus[0] : matches;
  }
}
