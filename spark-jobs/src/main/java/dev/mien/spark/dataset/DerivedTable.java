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
 * A Delta table that is made of a version of a dataset. An erasure takes the erased out of what it
 * finds there, so what comes after that would bring them back.
 *
 * @param folder of the table, which there need not be yet
 */
public record DerivedTable(SparkSession spark, String folder) {

  /**
   * Writes it, unless an erasure has begun since the version was opened, and takes it away again
   * when one has meanwhile.
   *
   * @param what it is, for a person
   * @param write writes to the folder, which holds nothing else
   * @throws ConcurrentPublicationException then
   */
  public void keep(FaceVideoDataset dataset, String what, Runnable write) throws IOException {
    if (isErased(dataset)) {
      throw notKept(dataset, what);
    }
    try {
      write.run();
    } catch (Exception e) { // Delta throws checked ones, too; an erasure deletes what is half-made
      if (!isErased(dataset)) {
        throw e;
      }
    }

    if (isErased(dataset)) {
      delete();
      throw notKept(dataset, what);
    }
  }

  /** Its newest version; -1 where there is none. */
  public long version() {
    return exists() ? log().newest() : -1;
  }

  /**
   * What the commits say of themselves, the newest first; they are read as they are asked for, and
   * the log may be long.
   */
  public Stream<String> said() {
    return exists()
        ? log().newestFirst().flatMap(commit -> commit.metadata().stream())
        : Stream.empty();
  }

  /**
   * Writes rows, all or nothing, in the first commit after a version.
   *
   * @param after -1 where there is no table
   * @param says what the commit says of itself
   * @throws ConcurrentPublicationException when another wrote first; nothing is changed then
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

  /** Gathers its small files into one of about this size, once they fill it. */
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

  /** Deletes the folder, be the table whole or half-made, if there is any. */
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
   * The mark first: an erasure drops its versions before it, and the other order could miss both.
   */
  private boolean isErased(FaceVideoDataset dataset) {
    long version = dataset.version().videos();
    return ErasureMark.isSet(spark, dataset.uri())
        || new TableLog(spark, FaceVideoDataset.table(dataset.uri(), "videos"))
            .commit(version)
            .isEmpty();
  }
}
