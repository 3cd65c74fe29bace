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
 * Deletes every byte of a Delta table that its newest version does not need. Earlier versions
 * cannot be read afterwards, and a reader of one fails. Delta's own means are not enough: a vacuum
 * leaves files whose modification time, set by another machine, is later than this one's time. The
 * log holds the smallest and largest value of each column of every file that ever was, and the
 * conditions of deletes; and its clean-up keeps everything written since midnight.
 *
 * <p>Each step can be repeated, so a purge that was killed is finished by another one.
 */
public final class Purge {

  /**
   * A table property whose change makes a commit that names nobody, with which the log can begin.
   */
  private static final String MARK = "mien.purged-before-version";

  /** The one folder of Delta's, besides the log, that holds rows: that of the change data feed. */
  private static final String CHANGES = "_change_data";

  private static final String DELETION_VECTORS =
      "spark.databricks.delta.delete.deletionVectors.persistent";

  /** Names of commits, checkpoints, checksums and compacted commits. */
  private static final Pattern LOG_FILE = Pattern.compile("(\\d{20})\\..*");

  private Purge() {}

  /** Commits a version of the same content, with which the log can begin. */
  static void mark(SparkSession spark, String path) {
    long next = newestVersion(spark, path) + 1;
    spark.sql("ALTER TABLE delta.`%s` SET TBLPROPERTIES ('%s' = '%d')".formatted(path, MARK, next));
  }

  /**
   * Deletes what only versions before the newest need.
   *
   * @param version that must be the newest
   * @throws ConcurrentPublicationException when another version has come after it; nothing is
   *     deleted then
   * @throws IOException when the table cannot be listed, or files cannot be deleted
   * @throws IllegalStateException when the newest version's files hold rows that the version does
   *     not have
   */
  static void run(SparkSession spark, String path, long version) throws IOException {
    FileSystem files = new Path(path).getFileSystem(spark.sessionState().newHadoopConf());
    Path table = files.makeQualified(new Path(path));
    // Listed before the newest version is read, so that nothing written from here on is deleted.
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
    // A folder comes after what is in it.
    Deletion.inOrder(
        files, stored.folders().stream().filter(old -> !needed.contains(old)).toList());
    trimLog(files, new Path(table, "_delta_log"), newest.version());
    DeltaLog.invalidateCache(spark, table);
  }

  /**
   * Deletes rows of a table that belongs to no dataset, and all its earlier versions. The user
   * metadata of its last commit stays.
   *
   * @throws IOException when a file cannot be deleted
   * @throws IllegalStateException when the newest version's files hold rows that the version does
   *     not have
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

  /** Whether deleted rows are, or will be, kept in the files and only marked. */
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
   * The files and folders of a table, without those that Delta takes for somebody else's.
   *
   * @param folders each before the folder that it lies in
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

  /** The files of a version and the folders that they lie in. */
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

  /** Deletes the oldest first, so that the log is contiguous whenever this ends. */
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

  /** Reads the newest version again, ignoring what this process has cached. */
  private static Snapshot reread(SparkSession spark, String path) {
    DeltaLog.invalidateCache(spark, new Path(path));
    return DeltaLog.forTable(spark, path).unsafeVolatileSnapshot();
  }

  /** Whether a file of the log is one that a killed writer had not yet renamed to a commit. */
  private static boolean isAbandoned(Path file) {
    return file.getName().startsWith(".") && file.getName().endsWith(".tmp");
  }

  private static long version(Path file) {
    Matcher matcher = LOG_FILE.matcher(file.getName());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
  }
}
