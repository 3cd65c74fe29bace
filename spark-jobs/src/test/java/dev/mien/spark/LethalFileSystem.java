package dev.mien.spark;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * The files of this machine, for a process that is to die at an exact moment: just before or after
 * a file that matches is created, gets its name or is deleted, it sends itself the signal that
 * nobody catches. Delta gives a commit its name by a rename.
 */
public final class LethalFileSystem extends RawLocalFileSystem {

  static final String MOMENT = "mien.test.death";

  enum When {
    BEFORE,
    AFTER
  }

  /**
   * The settings of a Spark process that dies before a file of this path is created, renamed to or
   * deleted.
   */
  public static Map<String, String> before(String path) {
    return settings(When.BEFORE, path);
  }

  /** As {@link #before}, after it. */
  public static Map<String, String> after(String path) {
    return settings(When.AFTER, path);
  }

  private static Map<String, String> settings(When when, String path) {
    return Map.of(
        "spark.hadoop.fs.file.impl",
        LethalFileSystem.class.getName(),
        "spark.hadoop.fs.AbstractFileSystem.file.impl",
        Twin.class.getName(),
        "spark.hadoop." + MOMENT,
        when + " " + path);
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    dieIf(getConf(), When.BEFORE, path);
    FSDataOutputStream created =
        super.create(path, overwrite, bufferSize, replication, blockSize, progress);
    dieIf(getConf(), When.AFTER, path);
    return created;
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    dieIf(getConf(), When.BEFORE, to);
    boolean renamed = super.rename(from, to);
    dieIf(getConf(), When.AFTER, to);
    return renamed;
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    dieIf(getConf(), When.BEFORE, path);
    boolean deleted = super.delete(path, recursive);
    dieIf(getConf(), When.AFTER, path);
    return deleted;
  }

  /** Ends this process when this is the moment for it. */
  static void dieIf(Configuration hadoop, When when, Path path) throws IOException {
    String[] moment = hadoop.get(MOMENT).split(" ", 2);
    if (moment[0].equals(when.name())
        && Pattern.matches(".*/" + moment[1], path.toUri().getPath())) {
      try {
        Processes.signal(ProcessHandle.current(), "KILL");
        Thread.currentThread().join(); // nothing is done any more
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  /** The same for who goes by {@code FileContext}, as Delta does. */
  public static final class Twin extends DelegateToFileSystem {

    public Twin(URI uri, Configuration hadoop) throws Exception {
      super(
          FsConstants.LOCAL_FS_URI,
          new LethalFileSystem(),
          hadoop,
          FsConstants.LOCAL_FS_URI.getScheme(),
          false);
    }

    @Override
    public int getUriDefaultPort() {
      return -1;
    }

    @Override
    public boolean isValidName(String name) {
      return true; // as for all local files
    }
  }
}
