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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The run that a report shows, as far as it has come.
 *
 * @param curves empty before a round is finished
 * @param checkpoint the newest that can be read, if there is one
 * @param parts the clips that the checkpoint's run trained on and held out
 */
record InspectedRun(
    Optional<TrainingCurves> curves,
    Optional<Checkpoints.Model> checkpoint,
    Optional<RunParts> parts) {

  /** For a report on a dataset alone. */
  static final InspectedRun NONE =
      new InspectedRun(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Checks that there is a run.
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
   * Reads a run. What is missing is printed.
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

  /** The configuration in its checkpoint, if it has one. */
  Optional<MienConfiguration> configuration() {
    return checkpoint.map(found -> MienConfiguration.parse(found.manifest().configuration()));
  }

  /** Reconstructions, by the run's model, of evenly chosen clips that it was not trained on. */
  List<Sheet> reconstructions(int count) {
    if (checkpoint.isEmpty()) {
      return List.of();
    }
    RunParts run = parts.orElseThrow();
    List<ClipEntry> heldOut =
        run.parts().validation().stream().sorted(Comparator.comparing(ClipEntry::clipId)).toList();
    SortedMap<String, Integer> shown = new TreeMap<>();
    EvenChoice.of(heldOut, count).forEach(clip -> shown.put(clip.clipId(), clip.frames()));
    return shown.isEmpty()
        ? List.of()
        : new ReconstructionSheets(configuration().orElseThrow(), checkpoint.get().parameters())
            .of(SampledClip.read(run.dataset(), shown));
  }

  /** What is known of the reconstructed clips, in a few words; empty where there are none. */
  String reconstructed() {
    return parts
        .map(RunParts::doubt)
        .map(doubt -> doubt.isEmpty() ? "clips it did not train on" : "clips (" + doubt + ")")
        .orElse("");
  }

  /** The provenance of its checkpoint. */
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
