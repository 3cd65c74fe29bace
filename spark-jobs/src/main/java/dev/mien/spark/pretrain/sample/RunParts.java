package dev.mien.spark.pretrain.sample;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.NoSuchVersionException;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.redundancy.Subset;
import dev.mien.spark.run.Manifest;
import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/**
 * The clips that a run trained on and held out, in the dataset version that it trained on. Where
 * that version is gone, the present clips are split as the run would split them now. In another
 * dataset, which does not have the run's subset, all clips are split.
 *
 * @param dataset whose clips they are
 * @param doubt why held-out clips may be among those that the run trained on; empty when they
 *     cannot be
 */
public record RunParts(FaceVideoDataset dataset, Holdout parts, String doubt) {

  /**
   * The parts of a run.
   *
   * @throws IllegalArgumentException when there is no dataset at the URI
   * @throws IOException when the version exists and cannot be read; Spark's own exceptions are
   *     thrown, too
   */
  public static RunParts open(SparkSession spark, String datasetUri, Manifest run)
      throws IOException {
    FaceVideoDataset newest = FaceVideoDataset.open(spark, datasetUri);
    MienConfiguration settings = MienConfiguration.parse(run.configuration());
    String subset = settings.training().subset();
    if (!FaceVideoDataset.isSame(spark, run.dataset(), datasetUri)) {
      // A subset of the same name in this dataset has other clips.
      return of(spark, newest, settings, "", elsewhere(run.dataset(), subset));
    }
    try {
      FaceVideoDataset then = FaceVideoDataset.open(spark, datasetUri, run.datasetVersion());
      return of(spark, then, settings, subset, before(run));
    } catch (Exception e) {
      // Spark throws checked exceptions, too. A version that cannot be read just now is not gone.
      if (!NoSuchVersionException.isGone(e)) {
        throw e;
      }
      return of(
          spark,
          newest,
          settings,
          subset,
          "the run was trained on version %d, which cannot be read any more (%s)"
              .formatted(run.datasetVersion(), FirstLine.of(e)));
    }
  }

  private static String before(Manifest run) {
    if (!run.origin().isEmpty()) {
      return "the run began with weights that were trained before, " + run.origin();
    }
    return run.earlierVersions().isEmpty()
        ? ""
        : "the run was trained on other versions before, " + run.earlierVersions();
  }

  private static String elsewhere(String trainedOn, String subset) {
    if (trainedOn.isEmpty()) {
      return "the model does not say what it was trained on";
    }
    return subset.isEmpty()
        ? "the run was trained on another dataset, " + trainedOn
        : ("the run was trained on subset %s of another dataset, %s, and the parts are drawn from all"
                + " clips of this one")
            .formatted(subset, trainedOn);
  }

  private static RunParts of(
      SparkSession spark,
      FaceVideoDataset dataset,
      MienConfiguration settings,
      String subset,
      String reason) {
    return new RunParts(
        dataset,
        Holdout.of(Subset.remaining(spark, dataset, subset), settings),
        reason.isEmpty()
            ? ""
            : reason + ": clips that it was trained on may be among those held out");
  }
}
