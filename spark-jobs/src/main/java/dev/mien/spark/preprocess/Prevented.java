package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.col;

import dev.mien.preprocessing.video.BrokenVideoException;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.isolate.DecodingSlot;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;

/**
 * Videos that storage or the machine kept from being worked on, through no fault of theirs: they
 * are tried again by the next run, and take the place of nothing that was made of them before. What
 * hung or took too long may be at fault itself; not so where its bytes were processed before.
 */
final class Prevented {

  private static final int CONTENT_HASH = Tables.VIDEOS.fieldIndex("content_hash");
  private static final int OUTCOME = Tables.VIDEOS.fieldIndex("outcome");
  private static final int REASON = Tables.VIDEOS.fieldIndex("reason");

  private static final List<String> REASONS =
      List.of(BrokenVideoException.UNREADABLE, DecodingSlot.KILLED);
  private static final List<String> DELAYS = List.of(DecodingSlot.HUNG, DecodingSlot.TOO_SLOW);

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

  /** Whether it may be one: it depends on what was known of it before. */
  static boolean mayInclude(Row video) {
    return includes(video) || isDelayed(video);
  }

  /** Whether it is one, by what was known of it before. */
  static boolean includes(Row video, Row before) {
    if (includes(video)) {
      return !includes(before);
    }
    return isDelayed(video)
        && before.getString(OUTCOME).equals(Tables.PROCESSED)
        && before.getString(CONTENT_HASH).equals(video.getString(CONTENT_HASH));
  }

  private static boolean isDelayed(Row video) {
    return DELAYS.stream().anyMatch(video.getString(REASON)::startsWith);
  }
}
