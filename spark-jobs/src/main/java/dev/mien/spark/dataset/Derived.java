package dev.mien.spark.dataset;

import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

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
            .since(version).stream().noneMatch(commit -> commit.version() == version);
  }

  /** Deletes the folder of one, be it whole or half-made, if there is any. */
  public static void delete(SparkSession spark, String folder) throws IOException {
    Path path = new Path(folder);
    path.getFileSystem(spark.sessionState().newHadoopConf()).delete(path, true);
    DeltaLog.invalidateCache(spark, path);
  }
}
