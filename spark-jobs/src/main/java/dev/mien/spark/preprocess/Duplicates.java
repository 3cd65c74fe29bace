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
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Rejects videos whose bytes the dataset has under another URI, or had until they were erased.
 * Their rows are kept, with the reason. A file that has moved is no copy: its former row becomes
 * one.
 */
final class Duplicates {

  static final String ERASED_CONTENT =
      "erased content: a video of the same bytes was forgotten, and stays out until that is lifted";

  private Duplicates() {}

  /**
   * A batch without duplicates.
   *
   * @param videos all of the batch, some of them rejected
   * @param moved the dataset's rows of those that have moved, rejected as copies of what they are
   *     called now
   */
  record Settled(List<VideoRow> videos, List<VideoRow> moved) {}

  /**
   * Rejects the duplicates of a batch. Of equal content the first is kept.
   *
   * @param batch in the order of URIs
   */
  static Settled reject(
      List<VideoRow> batch, SparkSession spark, FaceVideoDataset dataset, Forgotten forgotten) {
    List<Row> held = held(batch, spark, dataset).collectAsList();
    Set<String> goneFiles =
        GoneFiles.among(spark, held.stream().map(row -> row.getString(1)).toList());
    Map<String, String> kept = new HashMap<>(); // URIs by hash
    Map<String, String> gone = new HashMap<>();
    for (Row row : held) {
      String uri = row.getString(1);
      (goneFiles.contains(uri) ? gone : kept).put(row.getString(0), uri);
    }

    Map<String, String> movedTo = new HashMap<>();
    List<VideoRow> settled = new ArrayList<>(batch.size());
    for (VideoRow video : batch) {
      String hash = video.contentHash();
      if (!video.isProcessed()) {
        settled.add(video);
      } else if (forgotten.includesContent(hash)) {
        settled.add(video.rejected(ERASED_CONTENT));
      } else {
        String first = kept.putIfAbsent(hash, video.uri());
        if (first == null && gone.containsKey(hash)) {
          movedTo.put(gone.get(hash), video.uri());
        }
        settled.add(first == null ? video : video.rejected(Reasons.SAME_CONTENT + first));
      }
    }
    return new Settled(settled, moved(movedTo, dataset));
  }

  private static List<VideoRow> moved(Map<String, String> movedTo, FaceVideoDataset dataset) {
    return movedTo.isEmpty()
        ? List.of()
        : dataset
            .videos()
            .where(col("uri").isInCollection(movedTo.keySet()))
            .collectAsList()
            .stream()
            .map(VideoRow::new)
            .map(video -> video.rejected(Reasons.SAME_CONTENT + movedTo.get(video.uri())))
            .toList();
  }

  /**
   * The content of the batch that the dataset has under a URI that is not in the batch: content
   * hash and URI. Found by joins, since a condition would hold every hash, in a plan that Spark
   * keeps for its pages.
   */
  static Dataset<Row> held(List<VideoRow> batch, SparkSession spark, FaceVideoDataset dataset) {
    Dataset<Row> own =
        spark.createDataFrame(
            batch.stream()
                .map(video -> RowFactory.create(video.contentHash(), video.uri()))
                .toList(),
            new StructType()
                .add(Tables.VIDEOS.apply("content_hash"))
                .add(Tables.VIDEOS.apply("uri")));
    return dataset
        .videos()
        .where(col("outcome").equalTo(Tables.PROCESSED))
        .join(broadcast(own.select("content_hash")), new String[] {"content_hash"}, "left_semi")
        .join(broadcast(own.select("uri")), new String[] {"uri"}, "left_anti")
        .select("content_hash", "uri");
  }
}
