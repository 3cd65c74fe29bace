package dev.mien.spark.dataset;

import io.delta.tables.DeltaTable;
import java.time.Duration;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * Deletes files of a Delta table that no version current within the retention period needs, and
 * what runs killed before it have left.
 */
public final class Vacuum {

  /** For as long a table knows when a file was removed from it. */
  public static final Duration LONGEST = Duration.ofDays(30);

  /**
   * The shortest retention that Delta considers safe, since files that a run writes belong to no
   * version until it commits.
   */
  public static final Duration SHORTEST = Duration.ofDays(7);

  /** Table property: for how long the table knows when a file was removed from it. */
  private static final String RETENTION = "delta.deletedFileRetentionDuration";

  /**
   * Table properties with which a vacuum deletes everything that was removed: rows are not merely
   * marked in their files, and no parts of the log are kept beside it.
   */
  public static final Map<String, String> PROPERTIES =
      Map.of(
          RETENTION,
          "interval %d days".formatted(LONGEST.toDays()),
          "delta.enableDeletionVectors",
          "false",
          "delta.checkpointPolicy",
          "classic");

  private static final String RETENTION_CHECK =
      "spark.databricks.delta.retentionDurationCheck.enabled";

  /** Turned off, since the logging writes commits, which are not versions of a dataset. */
  private static final String LOGGING = "spark.databricks.delta.vacuum.logging.enabled";

  /** Deletes in tasks instead of one file after another, which takes hours on a store. */
  private static final String PARALLEL_DELETION =
      "spark.databricks.delta.vacuum.parallelDelete.enabled";

  /** The number of tasks that the listing is spread over, several times; 10000 by default. */
  private static final String LISTING_TASKS =
      "spark.sql.sources.parallelPartitionDiscovery.parallelism";

  /** The number of tasks that sort the listing, and delete; 200 by default. */
  private static final String SORTING_TASKS = "spark.sql.shuffle.partitions";

  private Vacuum() {}

  /**
   * Deletes the files.
   *
   * @param retention whole hours; with less than {@link #SHORTEST} nobody may write meanwhile
   */
  public static void run(SparkSession spark, String path, Duration retention) {
    with(spark, () -> DeltaTable.forPath(spark, path).vacuum((double) retention.toHours()));
  }

  /** The number of files and folders that {@link #run} would delete. */
  public static long count(SparkSession spark, String path, Duration retention) {
    long[] count = new long[1];
    with(
        spark,
        () ->
            count[0] =
                spark
                    .sql(
                        "VACUUM delta.`%s` RETAIN %d HOURS DRY RUN"
                            .formatted(path, retention.toHours()))
                    .count());
    return count[0];
  }

  private static void with(SparkSession spark, Runnable work) {
    String tasks = Integer.toString(spark.sparkContext().defaultParallelism());
    Map<String, String> settings =
        Map.of(
            RETENTION_CHECK,
            "false",
            LOGGING,
            "false",
            PARALLEL_DELETION,
            "true",
            LISTING_TASKS,
            tasks,
            SORTING_TASKS,
            tasks);
    SessionSettings.with(spark, settings, work);
  }
}
