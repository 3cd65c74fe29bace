package dev.mien.spark;

import dev.mien.spark.LethalFileSystem.When;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * S3 for a process that is to die at an exact moment, as {@link LethalFileSystem}: just before or
 * after an object that matches is there, which it is when its stream is closed.
 */
public final class LethalS3 extends FilterFileSystem {

  /** The settings of a Spark process that dies before an object of this path is there. */
  static Map<String, String> before(String path) {
    return settings(When.BEFORE, path);
  }

  /** As {@link #before}, after it. */
  static Map<String, String> after(String path) {
    return settings(When.AFTER, path);
  }

  private static Map<String, String> settings(When when, String path) {
    return Map.of(
        "spark.hadoop.fs.s3a.impl",
        LethalS3.class.getName(),
        "spark.hadoop." + LethalFileSystem.MOMENT,
        when + " " + path);
  }

  @Override
  public void initialize(URI uri, Configuration hadoop) throws IOException {
    try {
      fs =
          (FileSystem)
              hadoop
                  .getClassByName("org.apache.hadoop.fs.s3a.S3AFileSystem")
                  .getDeclaredConstructor()
                  .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IOException(e);
    }
    super.initialize(uri, hadoop);
  }

  @Override
  public String getScheme() {
    return fs.getScheme();
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    OutputStream object =
        super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
    OutputStream lethal =
        new FilterOutputStream(object) {
          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            object.write(bytes, offset, length);
          }

          @Override
          public void close() throws IOException {
            LethalFileSystem.dieIf(getConf(), When.BEFORE, path);
            object.close();
            LethalFileSystem.dieIf(getConf(), When.AFTER, path);
          }
        };
    return new FSDataOutputStream(lethal, null);
  }
}
