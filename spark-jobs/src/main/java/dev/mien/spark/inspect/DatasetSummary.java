package dev.mien.spark.inspect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.inspect.Report.Figure;
import dev.mien.spark.inspect.Report.OutcomeCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How much a dataset holds, and what became of each video. */
record DatasetSummary(List<Figure> counts, List<OutcomeCount> outcomes) {

  /** How many reasons are shown; rarer ones are added up. */
  private static final int REASONS = 12;

  private static final double SECONDS_PER_HOUR = 3600;

  /**
   * Counts videos and clips.
   *
   * @param clips the dataset's, with their frames and frame rates
   */
  static DatasetSummary read(FaceVideoDataset dataset, Dataset<Row> clips) {
    // Copies add no video, and a broken file's length may be wrong.
    Column isProcessed = col("outcome").equalTo(Tables.PROCESSED);
    Row videos =
        dataset
            .videos()
            .agg(
                countDistinct(when(isProcessed, col("person_id"))),
                count(lit(1)),
                sum(when(isProcessed, col("seconds"))),
                sum("frames_decoded"),
                sum("tracks"),
                sum("clips"))
            .first();
    Row clipped =
        clips.agg(sum(col("frames").divide(col("frames_per_second"))).as("seconds")).first();

    long total = videos.getLong(1);
    List<Figure> counts =
        List.of(
            new Figure(whole(videos.getLong(0)), "people"),
            new Figure(whole(total), "videos"),
            duration(videos.isNullAt(2) ? 0 : videos.getDouble(2), "of video"),
            new Figure(whole(videos.isNullAt(3) ? 0 : videos.getLong(3)), "frames"),
            new Figure(whole(videos.isNullAt(4) ? 0 : videos.getLong(4)), "tracks"),
            new Figure(whole(videos.isNullAt(5) ? 0 : videos.getLong(5)), "clips"),
            duration(clipped.isNullAt(0) ? 0 : clipped.getDouble(0), "of clips"));
    return new DatasetSummary(counts, outcomes(dataset, total));
  }

  private static List<OutcomeCount> outcomes(FaceVideoDataset dataset, long total) {
    List<Row> rows =
        dataset
            .videos()
            .groupBy(col("outcome"), Reasons.general(col("reason")).as("reason"))
            .count()
            .orderBy(col("count").desc(), col("outcome"), col("reason"))
            .limit(REASONS)
            .collectAsList();

    List<OutcomeCount> outcomes = new ArrayList<>();
    long shown = 0;
    for (Row row : rows) {
      outcomes.add(outcome(row.getString(0), row.getString(1), row.getLong(2), total));
      shown += row.getLong(2);
    }
    if (shown < total) {
      outcomes.add(outcome("other", "rarer reasons", total - shown, total));
    }
    return outcomes;
  }

  private static OutcomeCount outcome(String outcome, String reason, long videos, long total) {
    return new OutcomeCount(outcome, reason, videos, Math.round(1000.0 * videos / total) / 10.0);
  }

  private static String whole(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A duration in the unit that gives a number of few digits. */
  private static Figure duration(double seconds, String label) {
    double hours = seconds / SECONDS_PER_HOUR;
    if (hours >= 100) {
      return new Figure(whole(Math.round(hours)), "hours " + label);
    }
    return hours >= 1
        ? new Figure(String.format(Locale.ROOT, "%.1f", hours), "hours " + label)
        : new Figure(String.format(Locale.ROOT, "%.1f", seconds / 60), "minutes " + label);
  }
}
