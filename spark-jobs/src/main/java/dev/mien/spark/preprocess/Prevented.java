package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.col;

import dev.mien.preprocessing.video.BrokenVideoException;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.isolate.DecodingSlot;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Videos that storage or the machine kept from being worked on, through no fault of theirs: they
 * are tried again by the next run, and take the place of nothing that was made of them before.
 */
final class Prevented {

  private static final int URI = Tables.VIDEOS.fieldIndex("uri");
  private static final int CONTENT_HASH = Tables.VIDEOS.fieldIndex("content_hash");
  private static final int REASON = Tables.VIDEOS.fieldIndex("reason");

  private static final List<String> REASONS =
      List.of(BrokenVideoException.UNREADABLE, DecodingSlot.KILLED);

  private Prevented() {}

  /** Of the dataset's videos. */
  static Column videos() {
    return REASONS.stream()
        .map(reason -> col("reason").startsWith(reason))
        .reduce(col("content_hash").equalTo(""), Column::or);
  }

  static boolean includes(Row video) {
    return video.getString(CONTENT_HASH).isEmpty()
        || REASONS.stream().anyMatch(video.getString(REASON)::startsWith);
  }

  /**
   * The URIs of those of a batch that the dataset knows from a time when nothing stood in the way.
   */
  static Set<String> knownBefore(List<Row> batch, FaceVideoDataset dataset) {
    List<String> uris =
        batch.stream().filter(Prevented::includes).map(row -> row.getString(URI)).toList();
    return uris.isEmpty()
        ? Set.of()
        : new HashSet<>(
            dataset
                .videos()
                .where(col("uri").isInCollection(uris).and(functions.not(videos())))
                .select("uri")
                .as(Encoders.STRING())
                .collectAsList());
  }
}
