package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.col;

import dev.mien.preprocessing.video.BrokenVideoException;
import dev.mien.spark.isolate.DeathKind;
import java.util.List;
import org.apache.spark.sql.Column;

/**
 * Tells the videos that storage or the machine kept from being worked on, through no fault of
 * theirs: the next run tries them again, and they replace nothing that was made of them before.
 * What hung or took too long may be at fault itself, unless the same bytes were processed before.
 */
final class Prevented {

  private static final List<String> REASONS =
      List.of(BrokenVideoException.UNREADABLE, DeathKind.KILLED.reason());
  private static final List<String> DELAYS =
      List.of(DeathKind.HUNG.reason(), DeathKind.TOO_SLOW.reason());

  private Prevented() {}

  /** A condition on the dataset's videos: that a video was prevented. */
  static Column videos() {
    return REASONS.stream()
        .map(reason -> col("reason").startsWith(reason))
        .reduce(col("content_hash").equalTo(""), Column::or);
  }

  static boolean includes(VideoRow video) {
    return video.contentHash().isEmpty() || REASONS.stream().anyMatch(video.reason()::startsWith);
  }

  /** Whether a video was prevented, or perhaps was: what was known of it before decides. */
  static boolean mayInclude(VideoRow video) {
    return includes(video) || isDelayed(video);
  }

  /**
   * Whether a video was prevented now, and not before.
   *
   * @param before what the dataset has of the video
   */
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
