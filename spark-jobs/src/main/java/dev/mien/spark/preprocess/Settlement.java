package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.col;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.forget.Forgotten;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * What becomes of a batch's videos in a version of the dataset. Videos that bring nothing new stay
 * as the dataset has them, and so do those that were processed before and could not be this time.
 *
 * @param videos rows of the batch to publish
 * @param moved rows to publish beside them, of files that are now called otherwise
 * @param kept how many stay as they were, or have no file now, by reason
 * @param prevented how many were processed before and could not be now, by what prevented it
 * @param forgotten how many are left out because they, or the person they show, were erased
 */
record Settlement(
    List<VideoRow> videos,
    List<VideoRow> moved,
    Map<String, Long> kept,
    Map<String, Long> prevented,
    int forgotten) {

  /**
   * Settles a batch.
   *
   * @param rows the batch's videos, in the order of their URIs
   */
  static Settlement of(
      List<VideoRow> rows, List<PlannedVideo> batch, SparkSession spark, FaceVideoDataset dataset) {
    // Somebody may have been erased since the videos were listed.
    Forgotten forgotten = Forgotten.read(spark, dataset.uri());
    List<VideoRow> wanted =
        rows.stream().filter(row -> !forgotten.includes(row.uri(), row.person())).toList();
    Map<String, Change> changes =
        batch.stream()
            .collect(Collectors.toMap(video -> video.source().uri(), PlannedVideo::change));
    Map<String, VideoRow> known = known(wanted, changes, dataset);

    List<VideoRow> videos = new ArrayList<>();
    Map<String, Long> kept = new HashMap<>();
    Map<String, Long> prevented = new HashMap<>();
    for (VideoRow row : wanted) {
      VideoRow before = known.get(row.uri());
      Change change = changes.get(row.uri());
      if (before == null) {
        videos.add(row);
      } else if (Prevented.includes(row, before)) {
        (change == Change.ABSENT ? kept : prevented).merge(reason(row), 1L, Long::sum);
      } else if (change == Change.RETRIED && isSame(row, before)) {
        kept.merge(reason(row), 1L, Long::sum);
      } else {
        videos.add(row);
      }
    }
    Duplicates.Settled settled = Duplicates.reject(videos, spark, dataset, forgotten);
    return new Settlement(
        settled.videos(), settled.moved(), kept, prevented, rows.size() - wanted.size());
  }

  /** All rows to publish. */
  List<VideoRow> rows() {
    return Stream.concat(videos.stream(), moved.stream()).toList();
  }

  /** The dataset's rows of the videos that may stay as they are, by URI. */
  private static Map<String, VideoRow> known(
      List<VideoRow> rows, Map<String, Change> changes, FaceVideoDataset dataset) {
    List<String> uris =
        rows.stream()
            .filter(row -> Prevented.mayInclude(row) || changes.get(row.uri()) == Change.RETRIED)
            .map(VideoRow::uri)
            .toList();
    return uris.isEmpty()
        ? Map.of()
        : dataset.videos().where(col("uri").isInCollection(uris)).collectAsList().stream()
            .map(VideoRow::new)
            .collect(Collectors.toMap(VideoRow::uri, Function.identity()));
  }

  private static boolean isSame(VideoRow row, VideoRow before) {
    return row.outcome().equals(before.outcome()) && reason(row).equals(reason(before));
  }

  private static String reason(VideoRow video) {
    return Reasons.general(video.reason());
  }
}
