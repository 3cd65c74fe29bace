package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.forget.Forgotten;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

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
  static List<Row> reject(List<Row> batch, FaceVideoDataset dataset, Forgotten forgotten) {
    List<Object> hashes = batch.stream().map(row -> row.get(CONTENT_HASH)).toList();
    List<String> uris = batch.stream().map(row -> row.getString(URI)).toList();
    Map<String, String> kept = new HashMap<>();
    dataset
        .videos()
        .where(col("content_hash").isInCollection(hashes))
        .where(col("outcome").equalTo(Tables.PROCESSED))
        .where(not(col("uri").isInCollection(uris)))
        .select("content_hash", "uri")
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
