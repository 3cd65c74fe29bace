package dev.mien.spark.forget;

import static org.apache.spark.sql.functions.col;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.redundancy.Subset;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifest;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/** Tells by their provenance whether runs were trained on certain videos: a model cannot forget. */
record TrainedRuns(SparkSession spark, FaceVideoDataset dataset, List<String> videoIds) {

  /** A sentence about a run, or about a single checkpoint. */
  String describe(String run) throws IOException {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    Manifest manifest;
    try {
      manifest = Checkpoints.manifest(hadoop, Checkpoints.resolve(hadoop, run));
    } catch (FileNotFoundException e) {
      return "Run " + run + ": cannot be told (" + e.getMessage() + ")";
    }
    if (manifest.dataset().isEmpty()) {
      return "Run " + run + ": cannot be told (its weights were imported)";
    }
    try {
      if (!FaceVideoDataset.isSame(spark, manifest.dataset(), dataset.uri())) {
        return "Run " + run + " was trained on another dataset, " + manifest.dataset();
      }
      return sees(manifest)
          ? "Run "
              + run
              + " was trained on it, and its checkpoints keep what they learnt: retire it"
          : "Run " + run + " was not trained on it" + before(manifest);
    } catch (Exception e) {
      // A vacuum or an erasure may have deleted the version, and Spark throws checked exceptions,
      // too.
      return "Run " + run + ": cannot be told (" + FirstLine.of(e) + ")";
    }
  }

  private static String before(Manifest manifest) {
    return manifest.origin().isEmpty()
        ? ""
        : " itself, but began with " + manifest.origin() + ", which may have been";
  }

  private boolean sees(Manifest manifest) {
    return Stream.concat(Stream.of(manifest.datasetVersion()), manifest.earlierVersions().stream())
        .anyMatch(version -> sees(manifest, version));
  }

  private boolean sees(Manifest manifest, long version) {
    FaceVideoDataset trainedOn = FaceVideoDataset.open(spark, dataset.uri(), version);
    Set<String> clipIds =
        new HashSet<>(
            trainedOn
                .clips()
                .where(col("video_id").isin(videoIds.toArray()))
                .select("clip_id")
                .as(Encoders.STRING())
                .collectAsList());
    String subset = MienConfiguration.parse(manifest.configuration()).training().subset();
    if (!subset.isEmpty()) {
      clipIds.retainAll(new HashSet<>(Subset.clipIds(spark, dataset.uri(), subset)));
    }
    return !clipIds.isEmpty();
  }
}
