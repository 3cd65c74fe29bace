package dev.mien.spark.storage;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Makes the folders that users name absolute: Delta would take a relative path for the name of a
 * table.
 */
public final class WholeUri {

  private WholeUri() {}

  /**
   * The absolute folder; a relative one is resolved against the working folder.
   *
   * @throws IllegalArgumentException when the text is blank or begins with {@code ~}
   */
  public static String of(SparkSession spark, String uri) throws IOException {
    return of(spark.sessionState().newHadoopConf(), uri);
  }

  /** The absolute folder, as {@link #of(SparkSession, String)} gives it. */
  public static String of(Configuration hadoop, String uri) throws IOException {
    requireMeant(uri);
    Path path = new Path(uri);
    return path.isAbsolute() ? uri : qualified(hadoop, path).toString();
  }

  /**
   * Checks that a folder is what the user meant.
   *
   * @throws IllegalArgumentException when the text is blank or begins with {@code ~}
   */
  public static void requireMeant(String uri) {
    if (uri.isBlank() || uri.startsWith("~")) {
      throw new IllegalArgumentException(
          "Invalid folder: '%s' (must be a path or a URI; of an option's =~ the shell makes no home: write $HOME)"
              .formatted(uri));
    }
  }

  /** The absolute folder of each. */
  public static List<String> of(SparkSession spark, List<String> uris) throws IOException {
    List<String> whole = new ArrayList<>();
    for (String uri : uris) {
      whole.add(of(spark, uri));
    }
    return whole;
  }

  /**
   * A file as datasets name it, however it is spelled: {@code file:/a.mp4} for {@code
   * file:///a.mp4}, and with the authority of the default file system where that is of its scheme.
   * What is no URI, as some rows of lists, stays as it is.
   */
  public static String ofFile(Configuration hadoop, String uri) throws IOException {
    Path path;
    try {
      path = new Path(uri);
    } catch (IllegalArgumentException e) {
      return uri;
    }
    return qualified(hadoop, path).toString();
  }

  /** The path with scheme and authority, so that two spellings of one folder are equal. */
  public static Path qualified(SparkSession spark, Path path) throws IOException {
    return qualified(spark.sessionState().newHadoopConf(), path);
  }

  /** The path with scheme and authority, as {@link #qualified(SparkSession, Path)} gives it. */
  public static Path qualified(Configuration hadoop, Path path) throws IOException {
    URI files = FileSystem.getDefaultUri(hadoop);
    String scheme = path.toUri().getScheme();
    if (scheme != null && !scheme.equals(files.getScheme())) {
      return path; // which Hadoop would give the authority of the default file system
    }
    return path.makeQualified(files, FileSystem.get(hadoop).getWorkingDirectory());
  }
}
