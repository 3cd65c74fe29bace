package dev.mien.spark.preprocess;

import dev.mien.spark.dataset.Tables;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/**
 * What a run of preprocessing did.
 *
 * @param unchanged videos that were in the dataset already
 * @param outcomes videos by outcome and reason
 * @param clips clips written
 * @param seconds of video that gave them
 */
public record PreprocessSummary(
    int unchanged, SortedMap<String, Long> outcomes, long clips, double seconds) {

  private static final int OUTCOME = Tables.VIDEOS.fieldIndex("outcome");
  private static final int REASON = Tables.VIDEOS.fieldIndex("reason");
  private static final int CLIPS = Tables.VIDEOS.fieldIndex("clips");
  private static final int SECONDS = Tables.VIDEOS.fieldIndex("seconds");

  static PreprocessSummary of(int unchanged, List<Row> videos) {
    Map<String, Long> outcomes =
        videos.stream()
            .collect(
                Collectors.groupingBy(
                    PreprocessSummary::outcome, TreeMap::new, Collectors.counting()));
    return new PreprocessSummary(
        unchanged,
        new TreeMap<>(outcomes),
        videos.stream().mapToLong(video -> video.getInt(CLIPS)).sum(),
        videos.stream()
            .filter(video -> !video.isNullAt(SECONDS))
            .mapToDouble(video -> video.getDouble(SECONDS))
            .sum());
  }

  /** A few lines for a person. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%d clips from %.1f s of video%n", clips, seconds));
    outcomes.forEach((outcome, videos) -> text.append(String.format("%6d %s%n", videos, outcome)));
    if (unchanged > 0) {
      text.append(String.format("%6d unchanged, left as they are%n", unchanged));
    }
    return text.toString();
  }

  private static String outcome(Row video) {
    String reason = video.getString(REASON);
    return reason.isEmpty() ? video.getString(OUTCOME) : video.getString(OUTCOME) + ": " + reason;
  }
}
