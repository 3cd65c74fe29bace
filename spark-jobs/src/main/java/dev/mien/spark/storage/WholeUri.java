package dev.mien.spark.storage;

import java.io.IOException;
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
   * A file with its scheme, as datasets name it; a plain path is one of the default file system.
   */
  public static String withScheme(SparkSession spark, String uri) throws IOException {
    return uri.startsWith("/") || !uri.contains(":")
        ? qualified(spark, new Path(uri)).toString()
        : uri;
  }

  /** The path with scheme and authority, so that two spellings of one folder are equal. */
  public static Path qualified(SparkSession spark, Path path) throws IOException {
    return qualified(spark.sessionState().newHadoopConf(), path);
  }

  /** The path with scheme and authority, as {@link #qualified(SparkSession, Path)} gives it. */
  public static Path qualified(Configuration hadoop, Path path) throws IOException {
    return path.makeQualified(
        FileSystem.getDefaultUri(hadoop), FileSystem.get(hadoop).getWorkingDirectory());
  }
}
