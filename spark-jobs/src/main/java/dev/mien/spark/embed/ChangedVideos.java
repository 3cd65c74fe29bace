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
 * The videos, by their ids, whose clips are others in a dataset than in a table of embeddings.
 *
 * @param gone whose embeddings are of no use any more
 * @param come whose clips are to be embedded; one that was cut anew, or is another person's now, is
 *     among both
 */
public record ChangedVideos(List<String> gone, List<String> come) {

  /** What a video's clips follow from, with the person that they are said to be of. */
  private static final Column[] KEY = {col("video_id"), col("pipeline"), col("person_id")};

  private static final long GONE = -1;
  private static final long COME = 1;

  static ChangedVideos between(Dataset<Row> embeddings, FaceVideoDataset dataset) {
    List<Row> changed =
        embeddings
            .select(KEY)
            .distinct()
            .withColumn("side", lit(GONE))
            .union(cut(dataset).select(KEY).withColumn("side", lit(COME)))
            .groupBy(KEY)
            .agg(sum("side").as("side"))
            .where(col("side").notEqual(0)) // what both have cancels out
            .select("video_id", "side")
            .collectAsList();
    return new ChangedVideos(ids(changed, GONE), ids(changed, COME));
  }

  /**
   * The rows of the videos that gave clips. Those are stored with their clips, and by the same
   * labels.
   */
  static Dataset<Row> cut(FaceVideoDataset dataset) {
    return dataset
        .videos()
        .where(col("outcome").equalTo(Tables.PROCESSED))
        .where(col("clips").gt(0));
  }

  /** The rows of those that have come. */
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
