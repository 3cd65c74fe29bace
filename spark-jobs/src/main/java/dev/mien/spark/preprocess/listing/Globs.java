package dev.mien.spark.preprocess.listing;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What a path that may be a glob stands for. */
final class Globs {

  private Globs() {}

  /**
   * What is there by that very name, though it reads as a glob, as {@code Talk [2026]} does; else
   * what matches, which may be nothing.
   */
  static FileStatus[] matches(FileSystem files, Path path) throws IOException {
    if (files.exists(path)) {
      return new FileStatus[] {files.getFileStatus(path)};
    }
    FileStatus[] matches = files.globStatus(path);
    return matches == null ? new FileStatus[0] : matches;
  }
}
