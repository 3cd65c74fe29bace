package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.forget.Forgotten;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Videos whose bytes the dataset has under another URI, or had until they were erased: kept as
 * rows, rejected with the reason.
 */
final class Duplicates {

  static final String ERASED_CONTENT =
      "erased content: a video of the same bytes was forgotten, and stays out until that is lifted";

  private static final int URI = Tables.VIDEOS.fieldIndex("uri");
  private static final int CONTENT_HASH = Tables.VIDEOS.fieldIndex("content_hash");
  private static final int TRACKS = Tables.VIDEOS.fieldIndex("tracks");
  private static final int CLIPS = Tables.VIDEOS.fieldIndex("clips");
  private static final int CLIP_BYTES = Tables.VIDEOS.fieldIndex("clip_bytes");
  private static final int OUTCOME = Tables.VIDEOS.fieldIndex("outcome");
  private static final int REASON = Tables.VIDEOS.fieldIndex("reason");

  private Duplicates() {}

  /** The rows of a batch, in the order of their URIs, the first of equal content being kept. */
  static List<Row> reject(
      List<Row> batch, SparkSession spark, FaceVideoDataset dataset, Forgotten forgotten) {
    Map<String, String> kept = new HashMap<>();
    held(batch, spark, dataset)
        .collectAsList()
        .forEach(row -> kept.put(row.getString(0), row.getString(1)));

    List<Row> settled = new ArrayList<>(batch.size());
    for (Row row : batch) {
      String hash = row.getString(CONTENT_HASH);
      if (!isProcessed(row)) {
        settled.add(row);
      } else if (forgotten.includesContent(hash)) {
        settled.add(rejected(row, ERASED_CONTENT));
      } else {
        String first = kept.putIfAbsent(hash, row.getString(URI));
        settled.add(first == null ? row : rejected(row, Reasons.SAME_CONTENT + first));
      }
    }
    return settled;
  }

  /**
   * The content that the dataset has under other URIs than the batch's: hash and URI. As a join,
   * since a condition would hold every hash, in a plan that Spark keeps for its pages.
   */
  static Dataset<Row> held(List<Row> batch, SparkSession spark, FaceVideoDataset dataset) {
    Dataset<Row> own =
        spark.createDataFrame(
            batch.stream()
                .map(row -> RowFactory.create(row.get(CONTENT_HASH), row.get(URI)))
                .toList(),
            new StructType()
                .add(Tables.VIDEOS.fields()[CONTENT_HASH])
                .add(Tables.VIDEOS.fields()[URI]));
    return dataset
        .videos()
        .where(col("outcome").equalTo(Tables.PROCESSED))
        .join(broadcast(own.select("content_hash")), new String[] {"content_hash"}, "left_semi")
        .join(broadcast(own.select("uri")), new String[] {"uri"}, "left_anti")
        .select("content_hash", "uri");
  }

  static boolean isProcessed(Row video) {
    return video.getString(OUTCOME).equals(Tables.PROCESSED);
  }

  private static Row rejected(Row row, String reason) {
    Object[] values = new Object[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    values[TRACKS] = 0;
    values[CLIPS] = 0;
    values[CLIP_BYTES] = 0L;
    values[OUTCOME] = Tables.REJECTED;
    values[REASON] = reason;
    return RowFactory.create(values);
  }
}
