package dev.mien.spark.inspect;

import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.spark.config.InspectionOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.embed.EmbeddingsTable;
import dev.mien.spark.inspect.Report.EmbeddingMap;
import dev.mien.spark.inspect.Report.Fact;
import dev.mien.spark.inspect.Report.Sheet;
import dev.mien.spark.run.CodeVersion;
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

/** Writes a page that shows what a dataset holds and what a run has learnt. */
public final class InspectJob {

  /** The page shows faces, so others may not read it. */
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
   * shown by its own configuration, and a dataset alone by the given one.
   *
   * @param runUri folder of a run, which need not have a checkpoint yet
   * @param embeddingsUri a table of embeddings
   * @param output the HTML file, which is replaced
   * @throws IllegalArgumentException when there is no dataset, run or table of embeddings at the
   *     URI, or the page cannot be written there
   * @throws IOException when the run cannot be read or the page cannot be written
   */
  public void run(
      String datasetUri, Optional<String> runUri, Optional<String> embeddingsUri, Path output)
      throws IOException {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    Configuration hadoop = spark.sessionState().newHadoopConf();
    if (runUri.isPresent()) {
      InspectedRun.require(hadoop, runUri.get());
    }
    if (embeddingsUri.isPresent()) {
      EmbeddingsTable.require(spark, embeddingsUri.get());
    }
    WholeFile.of(hadoop, new org.apache.hadoop.fs.Path(output.toUri())).makeRoom("--output");

    InspectedRun run = InspectedRun.NONE;
    if (runUri.isPresent()) {
      describe("Read the run " + runUri.get());
      run = InspectedRun.read(spark, datasetUri, runUri.get());
    }
    Optional<EmbeddingMap> embeddings = Optional.empty();
    if (embeddingsUri.isPresent()) {
      describe("Project the embeddings " + embeddingsUri.get());
      embeddings = EmbeddingProjection.read(spark, embeddingsUri.get());
    }

    // The figures of all clips are needed several times, and tables of pixels are slow to scan.
    Dataset<Row> figures =
        dataset
            .clips()
            .select("clip_id", "frames", "frames_per_second", "quality")
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      write(report(dataset, figures, run, embeddings, sources(runUri, embeddingsUri)), output);
    } finally {
      figures.unpersist();
    }
  }

  private Report report(
      FaceVideoDataset dataset,
      Dataset<Row> figures,
      InspectedRun run,
      Optional<EmbeddingMap> embeddings,
      List<Fact> sources) {
    MienConfiguration shown = run.configuration().orElse(configuration);
    InspectionOptions options = configuration.inspection();
    describe("Count what the dataset holds");
    DatasetSummary summary = DatasetSummary.read(dataset, figures);
    describe("Draw videos and clips to show");
    List<Sheet> videos = VideoSheets.draw(dataset, options.videos());
    List<Sheet> clips;
    try (ClipSheets sheets =
        new ClipSheets(
            shown.model(),
            shown.objective(),
            shown.training().stride(),
            shown.training().seed(),
            new FrameDecoder())) {
      clips = SampledClip.draw(dataset, figures, options.clips()).map(sheets::sheet).toList();
    }
    List<Sheet> reconstructions = run.reconstructions(options.reconstructions());
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
        run.curves(),
        reconstructions,
        run.reconstructed(),
        embeddings,
        provenance(dataset, run, sources),
        listings(run));
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
      FaceVideoDataset dataset, InspectedRun run, List<Fact> sources) {
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("Dataset", dataset.uri() + ", version " + dataset.version()));
    facts.addAll(sources);
    facts.addAll(run.provenance());
    facts.add(new Fact("Report", "by Mien " + CodeVersion.current()));
    return facts;
  }

  private List<Fact> listings(InspectedRun run) {
    List<Fact> listings = new ArrayList<>();
    run.checkpoint()
        .map(found -> MienConfiguration.readable(found.manifest().configuration()))
        .ifPresent(text -> listings.add(new Fact("Configuration of the run", text)));
    listings.add(
        new Fact(
            "Configuration of this report", MienConfiguration.readable(configuration.source())));
    return listings;
  }

  private static void write(Report report, Path output) throws IOException {
    Path target = output.toAbsolutePath();
    Path part = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      Files.deleteIfExists(part); // left by an inspection that was killed
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
