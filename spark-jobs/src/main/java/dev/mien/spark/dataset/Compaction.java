package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import dev.mien.spark.progress.FirstLine;
import io.delta.tables.DeltaTable;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;

/**
 * Delta's own compaction, by Mien's file sizes. It appends whole files to one another, so the clips
 * of a video stay together, and writes row groups as every write of the session does.
 */
final class Compaction {

  private static final String SMALL = "spark.databricks.delta.optimize.minFileSize";
  private static final String FULL = "spark.databricks.delta.optimize.maxFileSize";

  private final SparkSession spark;
  private final long fileSize;

  Compaction(SparkSession spark, long fileSize) {
    this.spark = spark;
    this.fileSize = fileSize;
  }

  /** Whether the small files of a table, at a version, fill a shard. */
  boolean isWorthwhile(String path, long version) {
    Row small =
        new TableLog(spark, path)
            .at(version)
            .allFiles()
            .toDF()
            .where(col("size").lt(smallSize()))
            .agg(sum("size"))
            .first();
    return !small.isNullAt(0) && small.getLong(0) >= fileSize;
  }

  void run(DeltaTable table) {
    SessionSettings.with(
        spark,
        Map.of(SMALL, Long.toString(smallSize()), FULL, Long.toString(fileSize)),
        () -> table.optimize().executeCompaction());
  }

  /**
   * Gathers small files, if that can be done. Where another run changed the table first, the next
   * compaction gathers its files as well; any other failure is printed.
   *
   * @param what whose files they are, for the message
   * @param consolation what becomes of the files otherwise, for the message
   * @param before the result if it fails
   */
  static <T> T attempt(String what, String consolation, T before, Supplier<T> gathering) {
    try {
      return gathering.get();
    } catch (DeltaConcurrentModificationException | ConcurrentPublicationException e) {
      return before;
    } catch (Exception | FSError e) { // Spark throws checked exceptions that it does not declare
      System.out.println(
          "Cannot gather small files of %s: %s (%s)".formatted(what, FirstLine.of(e), consolation));
      return before;
    }
  }

  private long smallSize() {
    return fileSize / 2;
  }
}
