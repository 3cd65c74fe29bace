package dev.mien.spark.redundancy;

import static org.apache.spark.sql.functions.col;

import dev.mien.spark.dataset.FaceVideoDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

/**
 * What redundancy needs of a clip. {@code personId} may be null.
 *
 * @param quality in [0,1]; of two near-duplicates the one of higher quality is kept
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record RankedClip(
    String clipId, String videoId, String personId, double quality, long[] fingerprint) {

  /** Pixels of a crop's side: larger faces are scaled down and show no more. */
  private static final double CROP_SIDE = 224;

  /** Variance of the Laplacian of a picture that is neither sharp nor blurred. */
  private static final double MEDIUM_SHARPNESS = 100;

  private static final Comparator<RankedClip> BEST_FIRST =
      Comparator.comparingDouble((RankedClip clip) -> clip.quality)
          .reversed()
          .thenComparing(RankedClip::clipId);

  /**
   * Reads every clip of a dataset version, the best first, clips of equal quality by id. They take
   * some two hundred bytes each of the driver's memory.
   */
  static List<RankedClip> read(FaceVideoDataset dataset) {
    List<RankedClip> ranked = new ArrayList<>();
    Map<String, String> names = new HashMap<>();
    dataset
        .clips()
        .select(
            col("clip_id"),
            col("video_id"),
            col("person_id"),
            col("quality.detector_score"),
            col("quality.landmark_presence"),
            col("quality.face_side"),
            col("quality.sharpness"),
            col("fingerprint"))
        // Otherwise each of the table's own partitions would be read by a job, one after another.
        .repartition(col("video_id"))
        .toLocalIterator() // all at once would be more than Spark lets a driver receive
        .forEachRemaining(row -> ranked.add(of(row, names)));
    ranked.sort(BEST_FIRST);
    return ranked;
  }

  /**
   * The person that the clip shows; each video of an unknown person counts as a person of its own.
   */
  String person() {
    return personId == null ? "video " + videoId : personId;
  }

  /**
   * Reads a clip from a row.
   *
   * @param names of videos and people, so that each is held in memory once
   */
  private static RankedClip of(Row row, Map<String, String> names) {
    String person = row.getString(2);
    return new RankedClip(
        row.getString(0),
        names.computeIfAbsent(row.getString(1), name -> name),
        person == null ? null : names.computeIfAbsent(person, name -> name),
        quality(row.getFloat(3), row.getFloat(4), row.getFloat(5), row.getFloat(6)),
        row.<Long>getList(7).stream().mapToLong(Long::longValue).toArray());
  }

  /** The probability of a face, times how much of it can be seen. */
  static double quality(double score, double presence, double side, double sharpness) {
    return score
        * presence
        * Math.min(1, side / CROP_SIDE)
        * (sharpness / (sharpness + MEDIUM_SHARPNESS));
  }
}
