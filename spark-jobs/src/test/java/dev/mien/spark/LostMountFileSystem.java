package dev.mien.spark;

import java.io.IOException;
import java.net.URI;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The files of this machine under {@code lost:}, of which some open and cannot be read, as on a
 * mount whose server is gone.
 */
public final class LostMountFileSystem extends RawLocalFileSystem {

  /** Linux says there, too, that input and output fail: nothing of a process is at these places. */
  private static final Path UNREADABLE = new Path("/proc/self/mem");

  private static volatile Predicate<Path> lost = path -> false;

  /** Makes {@code lost:} a scheme. */
  public static void mount(Configuration hadoop) {
    hadoop.set("fs.lost.impl", LostMountFileSystem.class.getName());
  }

  /**
   * From here on.
   *
   * @param files asked of each that is opened
   */
  public static void lose(Predicate<Path> files) {
    lost = files;
  }

  @Override
  public URI getUri() {
    return URI.create("lost:///");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    return super.open(lost.test(path) ? UNREADABLE : path, bufferSize);
  }
}
