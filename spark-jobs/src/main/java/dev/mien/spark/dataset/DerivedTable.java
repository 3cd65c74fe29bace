package dev.mien.spark.dataset;

import io.delta.exceptions.DeltaConcurrentModificationException;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOptions;

/**
 * A Delta table that is derived from a version of a dataset. An erasure removes rows from the
 * tables that it finds; a table written after it from an earlier version would bring them back.
 *
 * @param folder of the table, which need not exist
 */
public record DerivedTable(SparkSession spark, String folder) {

  /**
   * Writes the table, unless an erasure has begun since the dataset was opened. When one begins
   * meanwhile, the table is deleted again.
   *
   * @param what the table is, for the message
   * @param write writes to the folder, which is empty
   * @throws ConcurrentPublicationException when an erasure has begun
   */
  public void keep(FaceVideoDataset dataset, String what, Runnable write) throws IOException {
    if (isErased(dataset)) {
      throw notKept(dataset, what);
    }
    try {
      write.run();
    } catch (
        Exception
            e) { // Delta throws checked exceptions, too; an erasure deletes a half-written table
      if (!isErased(dataset)) {
        throw e;
      }
    }

    if (isErased(dataset)) {
      delete();
      throw notKept(dataset, what);
    }
  }

  /** The table's newest version; -1 where there is no table. */
  public long version() {
    return exists() ? log().newest() : -1;
  }

  /**
   * The user metadata of the commits, the newest first. The log, which may be long, is read lazily.
   */
  public Stream<String> said() {
    return exists()
        ? log().newestFirst().flatMap(commit -> commit.metadata().stream())
        : Stream.empty();
  }

  /**
   * Writes rows, all or nothing, in the first commit after a version.
   *
   * @param after that version; -1 where there is no table
   * @param says user metadata of the commit
   * @throws ConcurrentPublicationException when another commit came first; nothing is changed then
   */
  public void commit(long after, String says, DataFrameWriter<Row> rows) {
    try {
      rows.format("delta")
          .option("userMetadata", says)
          .option(DeltaOptions.TXN_APP_ID(), "mien")
          .option(DeltaOptions.TXN_VERSION(), after + 1)
          .save(folder);
    } catch (DeltaConcurrentModificationException e) {
      throw overtaken(e);
    }
    if (!exists() || log().saying(says, after).isEmpty()) {
      throw overtaken(null);
    }
  }

  /** Gathers the table's small files into files of about this size, once they fill one. */
  public void compact(long fileSize) {
    Compaction compaction = new Compaction(spark, fileSize);
    Compaction.attempt(
        folder,
        "nothing is lost; the next run tries it again",
        this,
        () -> {
          if (compaction.isWorthwhile(folder, version())) {
            compaction.run(DeltaTable.forPath(spark, folder));
          }
          return this;
        });
  }

  /** Deletes the folder, if there is one, whether the table is whole or half-written. */
  public void delete() throws IOException {
    Path path = new Path(folder);
    path.getFileSystem(spark.sessionState().newHadoopConf()).delete(path, true);
    DeltaLog.invalidateCache(spark, path);
  }

  private boolean exists() {
    return DeltaTable.isDeltaTable(spark, folder);
  }

  private TableLog log() {
    return new TableLog(spark, folder);
  }

  private ConcurrentPublicationException overtaken(Throwable cause) {
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
   * Looks for the mark before the versions: an erasure removes its versions before its mark, and in
   * the other order both could be missed.
   */
  private boolean isErased(FaceVideoDataset dataset) {
    long version = dataset.version().videos();
    return ErasureMark.isSet(spark, dataset.uri())
        || new TableLog(spark, FaceVideoDataset.table(dataset.uri(), "videos"))
            .commit(version)
            .isEmpty();
  }
}
