package dev.mien.spark.preprocess;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoLabels;
import dev.mien.spark.preprocess.listing.VideoSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a run has to do, given what was found and what the dataset has. Spark joins the two; only
 * the videos with work to do, and those that are kept, come to the driver.
 *
 * @param videos in the order of their URIs
 * @param unchanged how many videos need no work
 * @param kept how many videos are listed without a file and were read once, by the reason without
 *     its details: they stay as the dataset has them, like those that are gone from a tree
 * @param otherSettings how many videos will be redone, by the pipeline that made them
 */
record PreprocessPlan(
    List<PlannedVideo> videos,
    long unchanged,
    SortedMap<String, Long> kept,
    SortedMap<String, Long> otherSettings,
    Costs costs) {

  /**
   * Compares what was found with the dataset.
   *
   * @param dataset empty when it is not made yet
   * @param pipeline fingerprint of the settings now
   * @param inputs as {@link VideoChanges#of} has them
   */
  static PreprocessPlan of(
      SparkSession spark,
      Collection<VideoSource> found,
      Optional<FaceVideoDataset> dataset,
      String pipeline,
      PreprocessInputs inputs) {
    Costs costs = Costs.of(dataset);
    spark.sparkContext().setJobDescription("Compare " + found.size() + " videos with the dataset");
    List<PlannedVideo> videos = new ArrayList<>();
    SortedMap<String, Long> kept = new TreeMap<>();
    SortedMap<String, Long> otherSettings = new TreeMap<>();
    if (dataset.isEmpty()) {
      found.forEach(source -> videos.add(planned(source)));
    } else {
      List<Row> rows =
          VideoChanges.of(spark, found, dataset.get(), pipeline, inputs).collectAsList();
      for (Row row : rows) {
        if (row.<String>getAs("change").equals(VideoChanges.KEPT)) {
          kept.merge(Reasons.general(row.<String>getAs("problem")), 1L, Long::sum);
          continue;
        }
        PlannedVideo video = planned(row);
        videos.add(video);
        if (video.change() == Change.SETTINGS) {
          otherSettings.merge(row.<String>getAs("pipeline"), 1L, Long::sum);
        }
      }
    }

    videos.sort(Comparator.comparing(video -> video.source().uri()));
    long keptVideos = kept.values().stream().mapToLong(Long::longValue).sum();
    return new PreprocessPlan(
        videos, found.size() - videos.size() - keptVideos, kept, otherSettings, costs);
  }

  /** How many videos are planned, by reason. */
  SortedMap<Change, Long> counts() {
    return videos.stream()
        .collect(Collectors.groupingBy(PlannedVideo::change, TreeMap::new, Collectors.counting()));
  }

  /**
   * How many videos stay unchanged when others are preprocessed, too, of which some may be planned
   * already.
   */
  long unchangedBut(List<PlannedVideo> others) {
    Set<String> planned =
        videos.stream().map(video -> video.source().uri()).collect(Collectors.toSet());
    return unchanged
        - others.stream().filter(video -> !planned.contains(video.source().uri())).count();
  }

  /** Whether a video that others were rejected as copies of may become another. */
  boolean mayFreeCopies() {
    return videos.stream()
        .anyMatch(
            video ->
                switch (video.change()) {
                  case NEW, ABSENT -> false; // nothing was processed of it
                  case CHANGED, RELABELLED, SETTINGS, BOXES, RETRIED, FREED -> true;
                });
  }

  double seconds() {
    return videos.stream().mapToDouble(video -> video.seconds(costs)).sum();
  }

  private static PlannedVideo planned(VideoSource source) {
    return new PlannedVideo(source, source.problem() == null ? Change.NEW : Change.ABSENT, 0, null);
  }

  private static PlannedVideo planned(Row row) {
    VideoLabels labels =
        new VideoLabels(
            row.getAs("person_id"),
            row.getAs("split"),
            row.getAs("source_video"),
            row.getAs("utterance"));
    VideoSource source =
        new VideoSource(
            row.getAs("uri"),
            row.<Long>getAs("size"),
            row.<Long>getAs("modified"),
            labels,
            row.getAs("problem"),
            row.getAs("row_problem"));
    Change change = Change.valueOf(row.getAs("change"));
    Double seconds = row.getAs("seconds");
    boolean isKnown = change != Change.CHANGED && seconds != null;
    return new PlannedVideo(source, change, isKnown ? seconds : 0, row.getAs("known_hash"));
  }
}
