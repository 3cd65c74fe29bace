package dev.mien.spark.pretrain;

import dev.mien.spark.config.AveragingOptions;
import dev.mien.spark.config.InnerState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.DatasetVersion;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.NoSuchVersionException;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.exchange.Encoding;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.redundancy.Subset;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.SparkSession;

/**
 * A stopped run, for another driver to resume.
 *
 * @param newest its newest whole checkpoint
 * @param allowed keys that {@code --allow} names; with {@code dataset-version} the newest version
 *     of the dataset may replace the run's own if that is gone
 */
record FormerRun(
    SparkSession spark, MienConfiguration configuration, Checkpoint newest, Set<String> allowed) {

  static final String DATASET_VERSION = "dataset-version";

  /** A version of the dataset, and its clips. */
  record Source(FaceVideoDataset dataset, ClipIndex clips) {}

  /**
   * The dataset version to train on.
   *
   * @throws IllegalArgumentException when the version that the run was trained on is gone, and no
   *     other is allowed
   */
  Source source(String datasetUri) throws IOException {
    long trainedOn = newest.manifest().datasetVersion();
    try {
      return source(FaceVideoDataset.open(spark, datasetUri, trainedOn));
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
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

  /**
   * The ancestry of the next checkpoints.
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

  /**
   * The state that the run goes on from.
   *
   * @throws IllegalArgumentException when replicas start from files of their own and there are to
   *     be more or fewer replicas than files
   */
  RoundState state() {
    int replicas = configuration.training().replicas();
    RoundState state = RoundState.of(newest, steps(), replicas);
    int kept = newest.replicas().size();
    if (kept == 0 || kept == replicas) {
      return state;
    }
    AveragingOptions averaging = configuration.averaging();
    if (averaging.innerState() == InnerState.LOCAL || averaging.exchange() != Encoding.FLOAT32) {
      throw new IllegalArgumentException(
          ("Cannot resume with %d replicas: %d have kept moments or residuals, each its own (have"
                  + " them keep none, by averaging.inner-state and averaging.exchange, or begin"
                  + " another run with --init)")
              .formatted(replicas, kept));
    }
    System.out.printf("Left out what %d replicas have kept: no replica starts from it%n", kept);
    return state.withoutReplicas();
  }

  /**
   * The steps that the checkpoint has behind it, counted in this run's total batch, so that the run
   * goes on at the same clip even if the batch was another. A step that is half done is repeated as
   * a whole: some clips are trained on twice and none is left out.
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
