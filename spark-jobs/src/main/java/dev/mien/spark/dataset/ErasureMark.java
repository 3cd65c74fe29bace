package dev.mien.spark.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * An empty file in a dataset while something is being erased. A vacuum that keeps the newest
 * version alone would take the files of a run that is about to commit them, so nobody publishes
 * meanwhile: a run that opened the dataset before the erasure fails because the erasure has
 * published since, and one that opens it later sees the mark.
 */
public final class ErasureMark {

  private static final String FILE = "_erasure";

  private ErasureMark() {}

  /** Sets the mark, also when a killed erasure left it. */
  public static void set(SparkSession spark, String datasetUri) throws IOException {
    Path file = new Path(datasetUri, FILE);
    file.getFileSystem(spark.sessionState().newHadoopConf()).create(file, true).close();
  }

  /** Takes the mark away when the erasure is done. */
  public static void remove(SparkSession spark, String datasetUri) throws IOException {
    Path file = new Path(datasetUri, FILE);
    file.getFileSystem(spark.sessionState().newHadoopConf()).delete(file, false);
  }

  /**
   * Refuses while the mark is set.
   *
   * @throws ConcurrentPublicationException saying so, and what to do
   */
  static void check(SparkSession spark, String datasetUri) {
    if (isSet(spark, datasetUri)) {
      throw new ConcurrentPublicationException(
          "Cannot change dataset %s: an erasure is under way (if it was killed, finish it by"
                  .formatted(datasetUri)
              + " the same mien forget again)",
          null);
    }
  }

  /** Whether an erasure is under way, or was killed. */
  public static boolean isSet(SparkSession spark, String datasetUri) {
    Path file = new Path(datasetUri, FILE);
    try {
      return file.getFileSystem(spark.sessionState().newHadoopConf()).exists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look for " + file, e);
    }
  }
}
