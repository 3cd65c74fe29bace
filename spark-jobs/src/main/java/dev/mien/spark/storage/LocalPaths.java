package dev.mien.spark.storage;

import java.nio.file.Path;
import org.apache.hadoop.fs.FsConstants;

/** Hadoop's paths of this machine's own files. */
public final class LocalPaths {

  private LocalPaths() {}

  /** Whether a path, with its file system's scheme, is one of this machine's. */
  public static boolean isLocal(org.apache.hadoop.fs.Path path) {
    return FsConstants.LOCAL_FS_URI.getScheme().equals(path.toUri().getScheme());
  }

  /** A local path as Java has it. */
  public static Path toJava(org.apache.hadoop.fs.Path path) {
    return Path.of(path.toUri().getPath());
  }
}
