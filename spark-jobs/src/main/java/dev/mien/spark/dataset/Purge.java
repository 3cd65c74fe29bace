package dev.mien.spark.dataset;

import static org.apache.spark.sql.Encoders.STRING;
import static org.apache.spark.sql.functions.col;

import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeletionVectorsTableFeature$;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import scala.Option;

/**
 * Takes from a Delta table every byte that its newest version does not need. Earlier versions can
 * not be read afterwards, and whoever reads one at that moment fails. Delta's own means stop short
 * of that: a vacuum leaves files that another machine dated after this one's time, and the log,
 * whose entries hold the least and the greatest value of each column of every file that there was,
 * and the conditions of deletes; and the log's clean-up keeps whatever was written since midnight.
 *
 * <p>Each step can be done again, so a purge that was killed is finished by another.
 */
public final class Purge {

  /** A property whose change is a commit that names nobody, for the log to begin with. */
  private static final String MARK = "mien.purged-before-version";

  /**
   * The one folder of Delta's beside the log that holds rows, of a table that says what changed.
   */
  private static final String CHANGES = "_change_data";

  private static final String DELETION_VECTORS =
      "spark.databricks.delta.delete.deletionVectors.persistent";

  /** Of commits, checkpoints, checksums and compacted commits. */
  private static final Pattern LOG_FILE = Pattern.compile("(\\d{20})\\..*");

  private Purge() {}

  /** Commits a version of the same content, so that the log can begin there. */
  static void mark(SparkSession spark, String path) {
    long next = newestVersion(spark, path) + 1;
    spark.sql("ALTER TABLE delta.`%s` SET TBLPROPERTIES ('%s' = '%d')".formatted(path, MARK, next));
  }

  /**
   * Deletes what only versions before the newest need.
   *
   * @param version which must be the newest
   * @throws ConcurrentPublicationException when another has come after it; nothing is deleted then
   * @throws IOException when the table cannot be listed, or files cannot be deleted
   * @throws IllegalStateException when the newest version's files hold rows that it has not
   */
  static void run(SparkSession spark, String path, long version) throws IOException {
    FileSystem files = new Path(path).getFileSystem(spark.sessionState().newHadoopConf());
    Path table = files.makeQualified(new Path(path));
    // Before the newest version is asked for: what another writes from here on is not touched.
    Stored stored = Stored.below(files, table);
    Snapshot newest = reread(spark, path);
    if (newest.version() != version) {
      throw new ConcurrentPublicationException(
          "Cannot erase from %s: another run wrote version %d after %d"
              .formatted(path, newest.version(), version),
          null);
    }
    if (hasVectors(newest)) {
      throw new IllegalStateException(
          ("Cannot erase from %s: deletion vectors hide rows that its files still hold (run REORG"
                  + " TABLE delta.`%s` APPLY (PURGE) in Spark SQL, and then the erasure again)")
              .formatted(path, path));
    }
    newest.deltaLog().checkpoint(newest, Option.empty());
    Set<Path> needed = needed(newest, table);
    Deletion.atOnce(files, stored.files().stream().filter(old -> !needed.contains(old)).toList());
    // A folder after those in it.
    Deletion.inOrder(
        files, stored.folders().stream().filter(old -> !needed.contains(old)).toList());
    trimLog(files, new Path(table, "_delta_log"), newest.version());
    DeltaLog.invalidateCache(spark, table);
  }

  /**
   * Deletes rows of a table that stands alone, and all its earlier versions. What the metadata of
   * its last commit said stays.
   *
   * @throws IOException when a file cannot be deleted
   * @throws IllegalStateException when the newest version's files hold rows that it has not
   */
  public static void rows(SparkSession spark, String path, Column rows) throws IOException {
    DeltaTable table = DeltaTable.forPath(spark, path);
    Map<String, String> settings = new HashMap<>(Map.of(DELETION_VECTORS, "false"));
    new DerivedTable(spark, path)
        .said()
        .findFirst()
        .ifPresent(metadata -> settings.put(TableLog.USER_METADATA, metadata));
    SessionSettings.with(
        spark,
        settings,
        () -> {
          table.delete(rows);
          mark(spark, path);
        });
    run(spark, path, newestVersion(spark, path));
  }

  /** Whether rows were deleted, or will be, and stay in the files. */
  static boolean hidesRows(SparkSession spark, String path) {
    Snapshot newest = new TableLog(spark, path).newestSnapshot();
    return hasVectors(newest)
        || newest
            .metadata()
            .configuration()
            .get("delta.enableDeletionVectors")
            .exists(value -> Boolean.parseBoolean(value));
  }

  private static boolean hasVectors(Snapshot snapshot) {
    return snapshot.protocol().isFeatureSupported(DeletionVectorsTableFeature$.MODULE$)
        && !snapshot.allFiles().toDF().where(col("deletionVector").isNotNull()).isEmpty();
  }

  static long newestVersion(SparkSession spark, String path) {
    return new TableLog(spark, path).newest();
  }

  /**
   * What lies in a table, all but what Delta, too, takes for somebody else's.
   *
   * @param folders those in a folder before it
   */
  private record Stored(List<Path> files, List<Path> folders) {

    private static Stored below(FileSystem files, Path table) throws IOException {
      Stored stored = new Stored(new ArrayList<>(), new ArrayList<>());
      stored.list(files, table);
      return stored;
    }

    private void list(FileSystem system, Path folder) throws IOException {
      for (FileStatus status : system.listStatus(folder)) {
        Path path = status.getPath();
        boolean isHidden = path.getName().startsWith("_") || path.getName().startsWith(".");
        if (isHidden && !path.getName().equals(CHANGES)) {
          continue;
        }
        if (status.isDirectory()) {
          list(system, path);
          folders.add(path);
        } else {
          files.add(path);
        }
      }
    }
  }

  /** The files of a version and the folders in which they lie. */
  private static Set<Path> needed(Snapshot version, Path table) {
    Set<Path> needed = new HashSet<>();
    for (String file : version.allFiles().toDF().select("path").as(STRING()).collectAsList()) {
      Path path = new Path(table, new Path(URI.create(file)));
      while (path != null && needed.add(path)) {
        path = path.getParent();
      }
    }
    return needed;
  }

  /** The oldest first, so that those left follow on one another whenever it ends. */
  private static void trimLog(FileSystem files, Path log, long newest) throws IOException {
    List<Path> old;
    try (Stream<FileStatus> all = Stream.of(files.listStatus(log))) {
      old =
          all.map(FileStatus::getPath)
              .filter(file -> version(file) < newest || isAbandoned(file))
              .sorted(Comparator.comparing(Path::getName))
              .toList();
    }
    Deletion.inOrder(files, old);
  }

  /** Read anew, whatever this process knew of the table. */
  private static Snapshot reread(SparkSession spark, String path) {
    DeltaLog.invalidateCache(spark, new Path(path));
    return DeltaLog.forTable(spark, path).unsafeVolatileSnapshot();
  }

  /** What a writer that was killed had not renamed to a commit yet. */
  private static boolean isAbandoned(Path file) {
    return file.getName().startsWith(".") && file.getName().endsWith(".tmp");
  }

  private static long version(Path file) {
    Matcher matcher = LOG_FILE.matcher(file.getName());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
  }
}
