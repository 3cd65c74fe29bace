package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.col;

import dev.mien.preprocessing.video.BrokenVideoException;
import dev.mien.spark.isolate.DeathKind;
import java.util.List;
import org.apache.spark.sql.Column;

/**
 * Videos that storage or the machine kept from being worked on, through no fault of theirs: they
 * are tried again by the next run, and take the place of nothing that was made of them before. What
 * hung or took too long may be at fault itself; not so where its bytes were processed before.
 */
final class Prevented {

  private static final List<String> REASONS =
      List.of(BrokenVideoException.UNREADABLE, DeathKind.KILLED.reason());
  private static final List<String> DELAYS =
      List.of(DeathKind.HUNG.reason(), DeathKind.TOO_SLOW.reason());

  private Prevented() {}

  /** Of the dataset's videos. */
  static Column videos() {
    return REASONS.stream()
        .map(reason -> col("reason").startsWith(reason))
        .reduce(col("content_hash").equalTo(""), Column::or);
  }

  static boolean includes(VideoRow video) {
    return video.contentHash().isEmpty() || REASONS.stream().anyMatch(video.reason()::startsWith);
  }

  /** Whether it may be one: it depends on what was known of it before. */
  static boolean mayInclude(VideoRow video) {
    return includes(video) || isDelayed(video);
  }

  /** Whether it is one, by what was known of it before. */
  static boolean includes(VideoRow video, VideoRow before) {
    if (includes(video)) {
      return !includes(before);
    }
    return isDelayed(video)
        && before.isProcessed()
        && before.contentHash().equals(video.contentHash());
  }

  private static boolean isDelayed(VideoRow video) {
    return DELAYS.stream().anyMatch(video.reason()::startsWith);
  }
}
