package dev.mien.spark.inspect;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.spark.config.InspectionOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ClipEntry;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.embed.EmbeddingsTable;
import dev.mien.spark.inspect.Report.EmbeddingMap;
import dev.mien.spark.inspect.Report.Fact;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.inspect.Report.TrainingCurves;
import dev.mien.spark.pretrain.sample.RunParts;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.storage.WholeFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/** Writes a page on which a person sees what a dataset holds and what a run has learnt of it. */
public final class InspectJob {

  /** The page shows faces. */
  private static final Set<PosixFilePermission> OWN_AND_GROUP =
      PosixFilePermissions.fromString("rw-r-----");

  private final SparkSession spark;
  private final MienConfiguration configuration;

  public InspectJob(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.configuration = configuration;
  }

  /**
   * Writes the report in one move, so that there is never half of one. A run with a checkpoint is
   * shown by its own configuration, a dataset alone by the one given.
   *
   * @param runUri the folder of a run, with or without a checkpoint yet
   * @param embeddingsUri an embeddings table
   * @param output the HTML file, which is replaced
   * @throws IllegalArgumentException when there is no dataset, run or embeddings table at the URI,
   *     or the page cannot be where it is to be
   * @throws IOException when the run cannot be read or the page cannot be written
   */
  public void run(
      String datasetUri, Optional<String> runUri, Optional<String> embeddingsUri, Path output)
      throws IOException {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    Configuration hadoop = spark.sessionState().newHadoopConf();
    if (runUri.isPresent()) {
      requireRun(hadoop, runUri.get());
    }
    if (embeddingsUri.isPresent()) {
      EmbeddingsTable.require(spark, embeddingsUri.get());
    }
    WholeFile.of(hadoop, new org.apache.hadoop.fs.Path(output.toUri())).makeRoom("--output");

    Optional<TrainingCurves> training = Optional.empty();
    Optional<Checkpoints.Model> checkpoint = Optional.empty();
    if (runUri.isPresent()) {
      describe("Read the run " + runUri.get());
      training = TrainingHistory.curves(MetricsLog.read(hadoop, runUri.get()));
      checkpoint = new Checkpoints(hadoop, runUri.get()).newestModel(System.err::println);
      if (training.isEmpty() && checkpoint.isEmpty()) {
        System.err.printf(
            "Left out the run %s: there are no metrics and no checkpoints in it (a run has them once"
                + " a round is done; one of its checkpoints, or an exported model, has neither)%n",
            runUri.get());
      }
    }
    Optional<RunParts> parts = Optional.empty();
    if (checkpoint.isPresent()) {
      parts = Optional.of(RunParts.open(spark, datasetUri, checkpoint.get().manifest()));
    }
    Optional<EmbeddingMap> embeddings = Optional.empty();
    if (embeddingsUri.isPresent()) {
      describe("Project the embeddings " + embeddingsUri.get());
      embeddings = EmbeddingProjection.read(spark, embeddingsUri.get());
    }

    MienConfiguration shown =
        checkpoint
            .map(found -> MienConfiguration.parse(found.manifest().configuration()))
            .orElse(configuration);
    // Figures of all clips are asked for several times, and tables of pixels are slow to scan.
    Dataset<Row> figures =
        dataset
            .clips()
            .select("clip_id", "frames", "frames_per_second", "quality")
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      write(
          report(
              dataset,
              figures,
              shown,
              training,
              checkpoint,
              parts,
              embeddings,
              sources(runUri, embeddingsUri)),
          output);
    } finally {
      figures.unpersist();
    }
  }

  private static void requireRun(Configuration hadoop, String uri) throws IOException {
    var folder = new org.apache.hadoop.fs.Path(uri);
    if (!folder.getFileSystem(hadoop).exists(folder)) {
      throw new IllegalArgumentException(
          "No run at %s (must be the folder that mien pretrain was given by --run)".formatted(uri));
    }
  }

  private Report report(
      FaceVideoDataset dataset,
      Dataset<Row> figures,
      MienConfiguration shown,
      Optional<TrainingCurves> training,
      Optional<Checkpoints.Model> checkpoint,
      Optional<RunParts> parts,
      Optional<EmbeddingMap> embeddings,
      List<Fact> sources) {
    InspectionOptions options = configuration.inspection();
    describe("Count what the dataset holds");
    DatasetSummary summary = DatasetSummary.read(dataset, figures);
    describe("Draw videos and clips to show");
    List<Sheet> videos = VideoSheets.draw(dataset, options.videos());
    List<SampledClip> samples = SampledClip.draw(dataset, figures, options.clips());
    List<Sheet> clips;
    try (ClipSheets sheets =
        new ClipSheets(
            shown.model(),
            shown.objective(),
            shown.training().stride(),
            shown.training().seed(),
            new FrameDecoder())) {
      clips = samples.stream().map(sheets::sheet).toList();
    }
    List<Sheet> reconstructions =
        checkpoint
            .map(found -> new ReconstructionSheets(shown, found.parameters()))
            .map(sheets -> sheets.of(heldOut(parts.orElseThrow(), options.reconstructions())))
            .orElse(List.of());
    describe("Bin the quality figures");

    return new Report(
        new org.apache.hadoop.fs.Path(dataset.uri()).getName(),
        dataset.uri() + ", version " + dataset.version(),
        summary.counts(),
        summary.outcomes(),
        videos,
        clips,
        ClipSheets.legend(),
        QualityHistograms.read(figures),
        DuplicateSheets.draw(spark, dataset, options.duplicates()),
        training,
        reconstructions,
        parts.map(InspectJob::reconstructed).orElse(""),
        embeddings,
        provenance(dataset, checkpoint, parts, sources),
        listings(checkpoint));
  }

  /** Clips that the run did not train on, evenly chosen. */
  private static List<SampledClip> heldOut(RunParts run, int count) {
    List<String> heldOut =
        run.parts().validation().stream().map(ClipEntry::clipId).sorted().toList();
    return SampledClip.read(run.dataset(), EvenChoice.of(heldOut, count));
  }

  private void describe(String what) {
    spark.sparkContext().setJobDescription("Inspect: " + what);
  }

  private static List<Fact> sources(Optional<String> runUri, Optional<String> embeddingsUri) {
    List<Fact> sources = new ArrayList<>();
    runUri.ifPresent(uri -> sources.add(new Fact("Run", uri)));
    embeddingsUri.ifPresent(uri -> sources.add(new Fact("Embeddings", uri)));
    return sources;
  }

  private static List<Fact> provenance(
      FaceVideoDataset dataset,
      Optional<Checkpoints.Model> checkpoint,
      Optional<RunParts> parts,
      List<Fact> sources) {
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("Dataset", dataset.uri() + ", version " + dataset.version()));
    facts.addAll(sources);
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
                new Fact("Reconstructed", "held-out clips of version " + run.dataset().version())));
    facts.add(new Fact("Report", "by Mien " + CodeVersion.current()));
    return facts;
  }

  private static String reconstructed(RunParts run) {
    return run.doubt().isEmpty() ? "clips it did not train on" : "clips (" + run.doubt() + ")";
  }

  private List<Fact> listings(Optional<Checkpoints.Model> checkpoint) {
    List<Fact> listings = new ArrayList<>();
    checkpoint.ifPresent(
        found ->
            listings.add(
                new Fact("Configuration of the run", pretty(found.manifest().configuration()))));
    listings.add(new Fact("Configuration of this report", pretty(configuration.source())));
    return listings;
  }

  private static String pretty(String json) {
    return new GsonBuilder()
        .setPrettyPrinting()
        .disableHtmlEscaping() // the page escapes it
        .create()
        .toJson(JsonParser.parseString(json));
  }

  private static void write(Report report, Path output) throws IOException {
    Path target = output.toAbsolutePath();
    Path part = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      Files.deleteIfExists(part); // of a run that was killed
      Files.createFile(part, PosixFilePermissions.asFileAttribute(OWN_AND_GROUP));
      try (BufferedWriter out = Files.newBufferedWriter(part)) {
        ReportPage.render(report, out);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
