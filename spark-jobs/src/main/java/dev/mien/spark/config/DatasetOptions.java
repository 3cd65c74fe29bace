package dev.mien.spark.config;

/**
 * How the clips table is laid out.
 *
 * @param fileSize approximate bytes of a Parquet file
 * @param rowGroupSize approximate bytes of a row group, the unit that training reads
 * @param batchVideos videos published by one commit; a killed job loses at most its last batch
 * @param batchSize estimated bytes, per task that runs at once, of the artefacts of a batch, which
 *     lie on local disks until the commit
 * @param maximumFailedShare share of a run's videos that may be rejected, quarantined or prevented
 *     before the exit code says so
 */
public record DatasetOptions(
    long fileSize, long rowGroupSize, int batchVideos, long batchSize, double maximumFailedShare) {

  public DatasetOptions {
    if (rowGroupSize > fileSize) {
      throw new IllegalArgumentException(
          "Invalid row-group-size: " + rowGroupSize + " bytes (must be at most the file-size)");
    }
  }
}
