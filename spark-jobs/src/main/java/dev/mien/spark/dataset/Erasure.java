package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.col;

import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Removes videos with their tracks and clips from a dataset, and all of its earlier versions, so
 * that no byte of them is left.
 */
public final class Erasure {

  private final SparkSession spark;
  private final FaceVideoDataset dataset;

  public Erasure(SparkSession spark, FaceVideoDataset dataset) {
    this.spark = spark;
    this.dataset = dataset;
  }

  /**
   * Checks that {@link #run} can do its work.
   *
   * @throws IllegalArgumentException when deleted rows would stay in the tables' files
   */
  public void requirePossible() {
    for (String table : dataset.tableUris()) {
      if (Purge.hidesRows(spark, table)) {
        throw new IllegalArgumentException(
            ("Cannot erase from dataset %s: %s has deletion vectors, which hide deleted rows in files"
                    + " that stay (preprocess into another dataset, and delete this one)")
                .formatted(dataset.uri(), table));
      }
    }
  }

  /**
   * Removes the videos and returns the version without them. After a kill it can be run again.
   *
   * @param uris of the videos
   * @param videoIds of the same videos
   * @throws ConcurrentPublicationException as {@link FaceVideoDataset#publish} does, or when
   *     another run wrote to a table before its earlier versions were deleted
   * @throws IOException when a file cannot be deleted
   */
  public FaceVideoDataset run(List<String> uris, List<String> videoIds) throws IOException {
    FaceVideoDataset next = without(dataset, uris, videoIds);
    while (!isNewest(next)) {
      // A run that began earlier has left rows behind, and cannot publish them any more.
      next = without(next, List.of(), List.of());
    }

    // Only if no version came since: another run may have brought back what is to go.
    DatasetVersion erased = next.version();
    purge("tracks", erased.tracks());
    purge("clips", erased.clips());
    purge("videos", erased.videos());
    return next;
  }

  private FaceVideoDataset without(
      FaceVideoDataset from, List<String> uris, List<String> videoIds) {
    Object[] ids = videoIds.toArray();
    Dataset<Row> erased = from.videos().where(col("uri").isin(uris.toArray())).select("uri");
    return from.at(
        from.ontoNewest()
            .change("tracks", table -> delete(table, "tracks", ids))
            .change("clips", table -> delete(table, "clips", ids))
            .commitAndMark(table -> delete(table, erased)));
  }

  private void delete(DeltaTable table, String name, Object[] videoIds) {
    if (videoIds.length > 0) {
      table.delete(col("video_id").isin(videoIds));
    }
    Purge.mark(spark, FaceVideoDataset.table(dataset.uri(), name));
  }

  private static void delete(DeltaTable table, Dataset<Row> videos) {
    table.as("old").merge(videos.as("new"), "old.uri = new.uri").whenMatched().delete().execute();
  }

  private void purge(String name, long version) throws IOException {
    Purge.run(spark, FaceVideoDataset.table(dataset.uri(), name), version);
  }

  /** Whether no other run has written to a table since. */
  private boolean isNewest(FaceVideoDataset erased) {
    return new DatasetVersion(newest("videos"), newest("tracks"), newest("clips"))
        .equals(erased.version());
  }

  private long newest(String name) {
    return Purge.newestVersion(spark, FaceVideoDataset.table(dataset.uri(), name));
  }
}
