package dev.mien.spark.storage;

import java.nio.file.Path;
import org.apache.hadoop.fs.FsConstants;

/** Tells local files from others in Hadoop's paths. */
public final class LocalPaths {

  private LocalPaths() {}

  /** Whether a path, with its file system's scheme, is on this machine. */
  public static boolean isLocal(org.apache.hadoop.fs.Path path) {
    return FsConstants.LOCAL_FS_URI.getScheme().equals(path.toUri().getScheme());
  }

  /** Converts a local path of Hadoop's to Java's. */
  public static Path toJava(org.apache.hadoop.fs.Path path) {
    return Path.of(path.toUri().getPath());
  }
}
