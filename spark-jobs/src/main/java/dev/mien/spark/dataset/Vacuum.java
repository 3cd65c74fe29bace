package dev.mien.spark.dataset;

import io.delta.tables.DeltaTable;
import java.time.Duration;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * Deletes the files of a Delta table that no version needs which was current within the retention
 * period, and what killed runs left before it.
 */
public final class Vacuum {

  /** As long as a table knows when a file was taken out of it. */
  public static final Duration LONGEST = Duration.ofDays(30);

  /** The shortest that Delta holds to be safe: what a run writes is no version's until its end. */
  public static final Duration SHORTEST = Duration.ofDays(7);

  /** A table's property: for how long it knows when a file was taken out of it. */
  private static final String RETENTION = "delta.deletedFileRetentionDuration";

  /**
   * Properties of a table of which a vacuum keeps what it is told to, and takes all that was
   * deleted: rows do not stay hidden in files, nor parts of the log beside it.
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

  /** It would write commits, which are no versions of a dataset. */
  private static final String LOGGING = "spark.databricks.delta.vacuum.logging.enabled";

  /** In tasks, and not one file after another, which takes a store hours. */
  private static final String PARALLEL_DELETION =
      "spark.databricks.delta.vacuum.parallelDelete.enabled";

  /** Into how many tasks it spreads what it has listed, several times over; 10000 by default. */
  private static final String LISTING_TASKS =
      "spark.sql.sources.parallelPartitionDiscovery.parallelism";

  /** Into how many it sorts that out, several times over, and deletes, too; 200 by default. */
  private static final String SORTING_TASKS = "spark.sql.shuffle.partitions";

  private Vacuum() {}

  /**
   * Deletes them.
   *
   * @param retention whole hours; with less than {@link #SHORTEST} nobody may write meanwhile
   */
  public static void run(SparkSession spark, String path, Duration retention) {
    with(spark, () -> DeltaTable.forPath(spark, path).vacuum((double) retention.toHours()));
  }

  /** The number of files and folders that it would delete. */
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
