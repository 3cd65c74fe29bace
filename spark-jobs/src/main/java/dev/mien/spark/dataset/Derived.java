package dev.mien.spark.dataset;

import dev.mien.spark.progress.FirstLine;
import io.delta.exceptions.DeltaConcurrentModificationException;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOptions;

/**
 * A Delta table that is made of a version of a dataset. An erasure takes the erased out of what it
 * finds there, so what comes after that would bring them back.
 */
public final class Derived {

  private Derived() {}

  /**
   * Writes it, unless an erasure has begun since the version was opened, and takes it away again
   * when one has meanwhile.
   *
   * @param what it is, for a person
   * @param folder that it is written to, and that holds nothing else
   * @throws ConcurrentPublicationException then
   */
  public static void keep(
      SparkSession spark, FaceVideoDataset dataset, String what, String folder, Runnable write)
      throws IOException {
    if (isErased(spark, dataset)) {
      throw notKept(dataset, what);
    }
    try {
      write.run();
    } catch (Exception e) { // Delta throws checked ones, too; an erasure deletes what is half-made
      if (!isErased(spark, dataset)) {
        throw e;
      }
    }

    if (isErased(spark, dataset)) {
      delete(spark, folder);
      throw notKept(dataset, what);
    }
  }

  /** Its newest version; -1 where there is none. */
  public static long version(SparkSession spark, String folder) {
    return DeltaTable.isDeltaTable(spark, folder) ? new TableLog(spark, folder).newest() : -1;
  }

  /**
   * What the commits say of themselves, the newest first; they are read as they are asked for, and
   * the log may be long.
   */
  public static Stream<String> said(SparkSession spark, String folder) {
    return DeltaTable.isDeltaTable(spark, folder)
        ? new TableLog(spark, folder).newestFirst().flatMap(commit -> commit.metadata().stream())
        : Stream.empty();
  }

  /**
   * Writes rows, all or nothing, in the first commit after a version.
   *
   * @param after -1 where there is no table
   * @param says what the commit says of itself
   * @throws ConcurrentPublicationException when another wrote first; nothing is changed then
   */
  public static void commit(
      SparkSession spark, String folder, long after, String says, DataFrameWriter<Row> rows) {
    try {
      rows.format("delta")
          .option("userMetadata", says)
          .option(DeltaOptions.TXN_APP_ID(), "mien")
          .option(DeltaOptions.TXN_VERSION(), after + 1)
          .save(folder);
    } catch (DeltaConcurrentModificationException e) {
      throw overtaken(folder, e);
    }
    // Delta passes over a transaction that it has had, without a word.
    if (!said(spark, folder, after).contains(says)) {
      throw overtaken(folder, null);
    }
  }

  /** Gathers its small files into one of about this size, once they fill it. */
  public static void compact(SparkSession spark, String folder, long fileSize) {
    Compaction compaction = new Compaction(spark, fileSize);
    try {
      if (compaction.isWorthwhile(folder, version(spark, folder))) {
        compaction.run(DeltaTable.forPath(spark, folder));
      }
    } catch (DeltaConcurrentModificationException e) {
      // Nothing is lost, and whoever compacts next gathers these as well.
    } catch (Exception | FSError e) { // Spark throws checked ones that it does not declare
      System.out.println(
          "Cannot gather small files of %s: %s (nothing is lost; the next run tries it again)"
              .formatted(folder, FirstLine.of(e)));
    }
  }

  private static ConcurrentPublicationException overtaken(String folder, Throwable cause) {
    return new ConcurrentPublicationException(
        "Cannot write to %s: another run wrote to it meanwhile (run this again)".formatted(folder),
        cause);
  }

  private static ConcurrentPublicationException notKept(FaceVideoDataset dataset, String what) {
    return new ConcurrentPublicationException(
        "Did not keep %s of version %s of dataset %s: an erasure began meanwhile (make it again when that is done)"
            .formatted(what, dataset.version(), dataset.uri()),
        null);
  }

  /**
   * The mark first: an erasure drops its versions before it, and the other order could miss both.
   */
  private static boolean isErased(SparkSession spark, FaceVideoDataset dataset) {
    long version = dataset.version().videos();
    return ErasureMark.isSet(spark, dataset.uri())
        || new TableLog(spark, FaceVideoDataset.table(dataset.uri(), "videos"))
            .commit(version)
            .isEmpty();
  }

  /** What the commits after a version say of themselves, the newest first. */
  private static List<String> said(SparkSession spark, String folder, long after) {
    return DeltaTable.isDeltaTable(spark, folder)
        ? new TableLog(spark, folder)
            .since(after + 1).stream().flatMap(commit -> commit.metadata().stream()).toList()
        : List.of();
  }

  /** Deletes the folder of one, be it whole or half-made, if there is any. */
  public static void delete(SparkSession spark, String folder) throws IOException {
    Path path = new Path(folder);
    path.getFileSystem(spark.sessionState().newHadoopConf()).delete(path, true);
    DeltaLog.invalidateCache(spark, path);
  }
}
