package dev.mien.spark.pretrain;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.spark.sql.SparkSession;

/** The files of this machine, of which some cannot be written; nor listed, from then on. */
public final class RefusingFileSystem extends RawLocalFileSystem {

  /** What is said of a path, or nothing. */
  static volatile UnaryOperator<String> refusal = path -> "";

  /** Makes {@code refusing:} a scheme of a session. */
  static void mount(SparkSession spark) {
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.refusing.impl", RefusingFileSystem.class.getName());
  }

  @Override
  public URI getUri() {
    return URI.create("refusing:///");
  }

  @Override
  protected OutputStream createOutputStreamWithMode(
      Path path, boolean append, FsPermission permission) throws IOException {
    require(path);
    return super.createOutputStreamWithMode(path, append, permission);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    require(new Path(path, "list"));
    return super.listStatus(path);
  }

  private static void require(Path path) throws IOException {
    String refused = refusal.apply(path.toString());
    if (!refused.isEmpty()) {
      throw new IOException(refused);
    }
  }
}
