package dev.mien.spark.inspect;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.inspect.Report.Fact;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.TrainingCurves;
import dev.mien.spark.pretrain.sample.RunParts;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The run that a report is of, as far as it has come.
 *
 * @param curves none before a round is done
 * @param checkpoint the newest that can be read, if there is one
 * @param parts that the run of this checkpoint trained on and held out
 */
record InspectedRun(
    Optional<TrainingCurves> curves,
    Optional<Checkpoints.Model> checkpoint,
    Optional<RunParts> parts) {

  /** Where the report is of a dataset alone. */
  static final InspectedRun NONE =
      new InspectedRun(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Refuses what is none.
   *
   * @throws IllegalArgumentException when there is nothing at the URI
   */
  static void require(Configuration hadoop, String uri) throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(hadoop);
    if (!files.exists(folder) || !files.getFileStatus(folder).isDirectory()) {
      throw new IllegalArgumentException(
          "No run at %s (must be the folder that mien pretrain was given by --run)".formatted(uri));
    }
  }

  /**
   * Reads it; where there is nothing to show, the reader is told.
   *
   * @param datasetUri whose clips are shown
   */
  static InspectedRun read(SparkSession spark, String datasetUri, String uri) throws IOException {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    Optional<TrainingCurves> curves = TrainingHistory.curves(MetricsLog.read(hadoop, uri));
    Optional<Checkpoints.Model> checkpoint =
        new Checkpoints(hadoop, uri).newestModel(System.err::println);
    if (curves.isEmpty() && checkpoint.isEmpty()) {
      System.err.printf(
          "Left out the run %s: there are no metrics and no checkpoints in it (a run has them once"
              + " a round is done; one of its checkpoints, or an exported model, has neither)%n",
          uri);
    }
    Optional<RunParts> parts = Optional.empty();
    if (checkpoint.isPresent()) {
      parts = Optional.of(RunParts.open(spark, datasetUri, checkpoint.get().manifest()));
    }
    return new InspectedRun(curves, checkpoint, parts);
  }

  /** What it was trained by, if it has a checkpoint, which says so. */
  Optional<MienConfiguration> configuration() {
    return checkpoint.map(found -> MienConfiguration.parse(found.manifest().configuration()));
  }

  /** Clips that the run did not train on, evenly chosen, as its model sees them. */
  List<Sheet> reconstructions(int count) {
    if (checkpoint.isEmpty()) {
      return List.of();
    }
    RunParts run = parts.orElseThrow();
    List<String> heldOut =
        run.parts().validation().stream().map(ClipEntry::clipId).sorted().toList();
    return new ReconstructionSheets(configuration().orElseThrow(), checkpoint.get().parameters())
        .of(SampledClip.read(run.dataset(), EvenChoice.of(heldOut, count)));
  }

  /** What of the reconstructed clips is known, in a few words; empty where there are none. */
  String reconstructed() {
    return parts
        .map(RunParts::doubt)
        .map(doubt -> doubt.isEmpty() ? "clips it did not train on" : "clips (" + doubt + ")")
        .orElse("");
  }

  /** What made its checkpoint. */
  List<Fact> provenance() {
    List<Fact> facts = new ArrayList<>();
    if (checkpoint.isPresent()) {
      Manifest manifest = checkpoint.get().manifest();
      facts.add(
          new Fact(
              "Checkpoint",
              "after round %d and %d steps, seed %d, by Mien %s"
                  .formatted(
                      manifest.round(), manifest.steps(), manifest.seed(), manifest.code())));
      facts.add(
          new Fact(
              "Trained on",
              "%s, version %d".formatted(manifest.dataset(), manifest.datasetVersion())));
    }
    parts.ifPresent(
        run ->
            facts.add(
                new Fact(
                    "Reconstructed",
                    run.parts().validation().isEmpty()
                        ? "nothing: the run held out no clips"
                        : "held-out clips of version " + run.dataset().version())));
    return facts;
  }
}
