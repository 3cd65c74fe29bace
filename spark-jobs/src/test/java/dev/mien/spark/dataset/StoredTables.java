package dev.mien.spark.dataset;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Every row of a dataset, pixels and all, but for how long the work took. */
public record StoredTables(List<String> videos, List<String> tracks, List<String> clips) {

  /** What a reader sees. */
  public static StoredTables of(FaceVideoDataset dataset) {
    return new StoredTables(
        rows(dataset.videos().drop("times")), rows(dataset.tracks()), rows(dataset.clips()));
  }

  private static List<String> rows(Dataset<Row> table) {
    // binary as base64
    return table.toJSON().collectAsList().stream().sorted().toList();
  }
}
