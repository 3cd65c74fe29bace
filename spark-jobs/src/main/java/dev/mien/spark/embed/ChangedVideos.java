package dev.mien.spark.embed;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Ids of the videos whose clips differ between a dataset and a table of embeddings.
 *
 * @param gone videos whose embeddings are to be removed
 * @param come videos whose clips are to be embedded; a video that was cut anew, or now shows
 *     another person, is among both
 */
public record ChangedVideos(List<String> gone, List<String> come) {

  /** What a video's clips depend on, and the person that they are said to show. */
  static final List<String> KEY = List.of("video_id", "pipeline", "boxes", "person_id");

  private static final long GONE = -1;
  private static final long COME = 1;

  static ChangedVideos between(Dataset<Row> embeddings, FaceVideoDataset dataset) {
    Column[] key = KEY.stream().map(name -> col(name)).toArray(Column[]::new);
    List<Row> changed =
        embeddings
            .select(key)
            .distinct()
            .withColumn("side", lit(GONE))
            .union(cut(dataset).select(key).withColumn("side", lit(COME)))
            .groupBy(key)
            .agg(sum("side").as("side"))
            .where(col("side").notEqual(0)) // videos that are the same in both cancel out
            .select("video_id", "side")
            .collectAsList();
    return new ChangedVideos(ids(changed, GONE), ids(changed, COME));
  }

  /**
   * The rows of the videos that gave clips; these are stored with their clips and have the same
   * labels.
   */
  static Dataset<Row> cut(FaceVideoDataset dataset) {
    return dataset
        .videos()
        .where(col("outcome").equalTo(Tables.PROCESSED))
        .where(col("clips").gt(0));
  }

  /** The rows of the videos that have come. */
  Dataset<Row> cutAnew(FaceVideoDataset dataset) {
    Dataset<Row> cut = cut(dataset);
    Dataset<Row> ids = cut.sparkSession().createDataset(come, Encoders.STRING()).toDF("video_id");
    return cut.join(broadcast(ids), "video_id", "left_semi");
  }

  boolean isEmpty() {
    return gone.isEmpty() && come.isEmpty();
  }

  private static List<String> ids(List<Row> changed, long side) {
    return changed.stream()
        .filter(row -> row.getLong(1) == side)
        .map(row -> row.getString(0))
        .distinct()
        .toList();
  }
}
