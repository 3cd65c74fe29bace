package dev.mien.spark.pretrain;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ClipIndex;
import dev.mien.spark.dataset.DatasetVersion;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.NoSuchVersionException;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.redundancy.Subset;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * A run that was stopped, as another goes on with it.
 *
 * @param uri of the run
 * @param newest checkpoint of it
 * @param allowed keys of the configuration that may be other than the run's; {@code dataset} for a
 *     dataset that moved, {@code dataset-version} for its newest version where the run's own is
 *     gone
 */
record FormerRun(
    SparkSession spark,
    MienConfiguration configuration,
    String uri,
    Checkpoint newest,
    Set<String> allowed) {

  private static final String DATASET = "dataset";
  private static final String DATASET_VERSION = "dataset-version";
  private static final String MODEL = "model.";

  /** A version of the dataset, and its clips. */
  record Source(FaceVideoDataset dataset, ClipIndex clips) {}

  /**
   * What to go on with, after a look at all that differs.
   *
   * @throws IllegalArgumentException when settings or the dataset are others, and not allowed to
   *     be, or the version that the run was trained on is gone, and no other is allowed
   */
  Source source(String datasetUri) throws IOException {
    requireSameSettings(datasetUri);
    long trainedOn = newest.manifest().datasetVersion();
    try {
      return source(FaceVideoDataset.open(spark, datasetUri, trainedOn));
    } catch (Exception e) { // Spark's are checked, and not declared
      if (!NoSuchVersionException.isGone(e)) {
        throw e;
      }
      FaceVideoDataset last = FaceVideoDataset.open(spark, datasetUri);
      if (last.version().videos() == trainedOn) {
        throw e;
      }
      String reason = FirstLine.of(e);
      if (!allowed.contains(DATASET_VERSION)) {
        throw new IllegalArgumentException(
            "%s: --allow %s trains on with version %d, the newest"
                .formatted(reason, DATASET_VERSION, last.version().videos()),
            e);
      }
      System.out.printf(
          Locale.ROOT,
          "Allowed: %s: %d -> %d (%s)%n",
          DATASET_VERSION,
          trainedOn,
          last.version().videos(),
          reason);
      return source(last);
    }
  }

  private Source source(FaceVideoDataset dataset) {
    return new Source(dataset, Subset.index(spark, dataset, configuration.training().subset()));
  }

  private void requireSameSettings(String datasetUri) throws IOException {
    Manifest manifest = newest.manifest();
    SortedMap<String, String> differences =
        new TreeMap<>(configuration.differences(manifest.configuration()));
    if (!FaceVideoDataset.isSame(spark, manifest.dataset(), datasetUri)) {
      differences.put(DATASET, manifest.dataset() + " -> " + datasetUri);
    }

    List<String> refused = new ArrayList<>();
    differences.forEach(
        (key, change) -> {
          if (key.startsWith(MODEL)) {
            refused.add(key + ": " + change + " (another network: cannot be allowed)");
          } else if (!allowed.contains(key)) {
            refused.add(key + ": " + change);
          } else {
            System.out.println("Allowed: " + key + ": " + change);
          }
        });
    if (!refused.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot resume "
              + uri
              + " with other settings (--allow KEY for each that is meant):\n  "
              + String.join("\n  ", refused));
    }
    if (!manifest.code().equals(CodeVersion.current())) {
      System.out.printf(
          "Another Mien: %s -> %s (the run may not end where it would have)%n",
          manifest.code(), CodeVersion.current());
    }
  }

  /**
   * What the next checkpoints come from.
   *
   * @param found names of all the run's checkpoints when the newest was chosen
   */
  Ancestry ancestry(List<String> found, DatasetVersion version) {
    Manifest manifest = newest.manifest();
    List<Long> versions = new ArrayList<>(manifest.earlierVersions());
    if (version.videos() != manifest.datasetVersion()) {
      versions.add(manifest.datasetVersion());
    }
    return new Ancestry(
        Checkpoints.name(manifest.round()),
        found,
        manifest.figures(),
        manifest.origin(),
        List.copyOf(versions));
  }

  /** Where the run goes on. */
  RoundState state() {
    int replicas = configuration.training().replicas();
    if (!newest.replicas().isEmpty() && newest.replicas().size() != replicas) {
      throw new IllegalArgumentException(
          "Cannot resume with %d replicas: %d have kept moments or residuals"
              .formatted(replicas, newest.replicas().size()));
    }
    return RoundState.of(newest, steps(), replicas);
  }

  /**
   * The steps of this run's total batch that the checkpoint has behind it, whatever batch it took
   * them by: the run goes on at its clip. A step that it has only begun is taken whole, so that
   * some clips are trained on again and none is left out.
   */
  private long steps() {
    Manifest manifest = newest.manifest();
    long then = MienConfiguration.parse(manifest.configuration()).training().totalBatch();
    long now = configuration.training().totalBatch();
    if (then == now) {
      return manifest.steps();
    }
    long clips = manifest.steps() * then;
    System.out.printf(
        Locale.ROOT,
        "Steps of %d clips, not of %d: step %d becomes step %d, %d clips are trained on again%n",
        now,
        then,
        manifest.steps(),
        clips / now,
        clips % now);
    return clips / now;
  }
}
