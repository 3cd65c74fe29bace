package dev.mien.spark.embed;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.marlin.WindowSampling;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.ModelExport;
import dev.mien.spark.run.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.assertj.core.util.FloatComparator;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class FaceVideoEmbedderTest {

  private static final int NOISE_SIDE = 64;
  private static final MienConfiguration TINY = configuration(2);

  /** Windows may differ in their last bits with those that were in a batch with them. */
  private static final RecursiveComparisonConfiguration NEARLY =
      RecursiveComparisonConfiguration.builder()
          .withComparatorForType(new FloatComparator(1e-5f), Float.class)
          .build();

  private SparkSession spark;
  private Path folder;
  private Path video;
  private FaceVideoEmbedder embedder;

  @BeforeClass
  public void start() throws Exception {
    spark = LocalSpark.open(TINY);
    folder = Files.createTempDirectory("embedder");
    Path videos = Files.createDirectory(folder.resolve("videos"));
    video = TestVideos.copy(TestVideos.CAP13, videos.resolve("00001.mp4"), "mp4", 130, 1);
    write("run", 1, 5, TINY);
    embedder =
        new FaceVideoEmbedder()
            .setModelUrl(folder.resolve("run").toString())
            .setInputCol("video")
            .setOutputCol("embedded")
            .setBatchSize(3);
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void aVideoEmbedsAsItsClipsDoAfterAPipelineWasSavedAndReadBack() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.mp4"), "This is not a video.");
    String gone = folder.resolve("gone.mp4").toString();
    Dataset<Row> videos =
        spark
            .createDataset(
                List.of(video.toString(), broken.toUri().toString(), gone), Encoders.STRING())
            .toDF("video");
    PipelineModel pipeline = new Pipeline().setStages(new PipelineStage[] {embedder}).fit(videos);
    pipeline.write().overwrite().save(folder.resolve("pipeline").toString());

    List<Row> embedded =
        PipelineModel.load(folder.resolve("pipeline").toString())
            .transform(videos)
            .select("video", "embedded.outcome", "embedded.reason", "embedded.windows")
            .collectAsList();

    assertThat(embedded.get(1).getString(1)).isEqualTo("quarantined");
    assertThat(embedded.get(1).getString(2)).isNotEmpty();
    assertThat(embedded.get(2).getString(1)).isEqualTo("quarantined");
    assertThat(embedded.get(2).getString(2)).startsWith("cannot be read: ").contains("gone.mp4");
    assertThat(embedded.get(1).getList(3)).isEmpty();
    assertThat(embedded.get(0).getString(1)).isEqualTo("processed");
    List<Window> ofVideo = new ArrayList<>();
    for (Row window : embedded.get(0).<Row>getList(3)) {
      ofVideo.add(
          new Window(window.getAs("clip"), window.<Float>getList(window.fieldIndex("embedding"))));
      assertThat(window.<Long>getAs("timestamp_micros")).isNotNegative();
    }

    assertThat(ofVideo)
        .usingRecursiveFieldByFieldElementComparator(NEARLY)
        .hasSizeGreaterThan(5)
        .isEqualTo(ofClips())
        .isEqualTo(ofTheJob());
  }

  /** The clip that a window is of, and its embedding. */
  private record Window(String clip, List<Float> embedding) {}

  /** The same by way of the clips table. */
  private List<Window> ofClips() throws IOException {
    String dataset = folder.resolve("dataset").toUri().toString();
    new PreprocessJob(spark, TINY).run(PreprocessInputs.of(video.getParent().toString()), dataset);
    List<Window> embeddings = new ArrayList<>();
    for (Row row :
        embedder
            .copy(ParamMap.empty())
            .transform(
                FaceVideoDataset.open(spark, dataset)
                    .clips()
                    .orderBy("clip_id")
                    .select(
                        col("clip_id"), struct("images", "format", "height", "width").as("video")))
            .select("clip_id", "embedded")
            .collectAsList()) {
      for (Row window : row.<Row>getList(1)) {
        embeddings.add(new Window(row.getString(0), window.<Float>getList(1)));
      }
    }
    return embeddings;
  }

  /** The same by the job, of the dataset of {@link #ofClips()}. */
  private List<Window> ofTheJob() throws IOException {
    String output = folder.resolve("of-the-job").toString();
    MienConfiguration asTheEmbedder =
        MienConfiguration.load(
            Optional.of("tiny"), Optional.empty(), List.of("embedding.batch-size = 3"));
    new EmbedJob(spark, asTheEmbedder)
        .run(
            folder.resolve("dataset").toUri().toString(), folder.resolve("run").toString(), output);
    return spark
        .read()
        .format("delta")
        .load(output)
        .orderBy("clip_id", "first_frame")
        .select("clip_id", "embedding")
        .collectAsList()
        .stream()
        .map(row -> new Window(row.getString(0), row.<Float>getList(1)))
        .toList();
  }

  @Test
  public void aRunThatWentOnIsEmbeddedWithByItsNewestCheckpoint() throws IOException {
    write("growing", 1, 5, TINY);
    List<Row> before = windows(clipEmbedder("growing"));
    write("growing", 2, 6, TINY);
    List<Row> after = windows(clipEmbedder("growing"));
    write("other", 2, 6, TINY);

    assertThat(after).isNotEqualTo(before).isEqualTo(windows(clipEmbedder("other")));
  }

  @Test
  public void windowsHaveTheStrideThatTheModelWasTrainedWith() throws IOException {
    write("sparse", 1, 5, configuration(4));

    List<Row> asTrained = windows(clipEmbedder("sparse"));

    assertThat(asTrained).isEqualTo(windows(clipEmbedder("sparse").setStride(4)));
    assertThat(windows(clipEmbedder("sparse").setStride(2))).isNotEqualTo(asTrained);
  }

  @Test
  public void choicesAreReadAsConfigurationsAndAsJavaWriteThem() {
    List<Row> chosen =
        windows(
            clipEmbedder("run")
                .setTail(WindowSampling.Tail.DROPPED)
                .setOutput(EmbeddingOptions.Output.SEQUENCE));
    assertThat(chosen).hasSize(1);
    assertThat(windows(clipEmbedder("run"))).hasSize(2);

    for (List<String> written :
        List.of(List.of("dropped", "sequence"), List.of("DROPPED", "SEQUENCE"))) {
      FaceVideoEmbedder named = clipEmbedder("run");
      named.set(named.tail(), written.get(0));
      named.set(named.output(), written.get(1));
      assertThat(windows(named)).as("%s", written).isEqualTo(chosen);
    }
  }

  /** PySpark's users are shown the module's own words. */
  @Test
  public void theModuleForPythonSaysTheSame() throws IOException {
    String module =
        Files.readString(Path.of("../deploy/notebooks/dev/mien/spark/embed.py"))
            .replaceAll("\"\\s+\"", "");
    for (Param<?> param : embedder.params()) {
      assertThat(module).contains("\"%s\", \"%s\"".formatted(param.name(), param.doc()));
    }
  }

  @Test
  public void anExportedModelIsAskedOnlyForWhatItHas() throws IOException {
    String exported = folder.resolve("exported").toString();
    ModelExport.write(
        new Configuration(), folder.resolve("run").toString(), ModelExport.Format.DJL, exported);

    assertThatThrownBy(
            () -> windows(clipEmbedder("exported").setOutput(EmbeddingOptions.Output.SEQUENCE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid embedding.output: sequence (must be pooled: %s is an exported model, which"
                + " gives the mean of its tokens; name a run or a checkpoint for all of them)",
            exported);

    List<Row> whole = windows(clipEmbedder("exported"));
    Files.delete(folder.resolve("exported/.provenance.json.crc"));
    for (String provenance : List.of("{}", "")) {
      Files.writeString(folder.resolve("exported/provenance.json"), provenance);
      assertThatThrownBy(() -> windows(clipEmbedder("exported")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Unknown stride of model %s: there is no configuration in its provenance.json (give"
                  + " the stride as embedding.stride, or export the run again)",
              exported);
      assertThat(windows(clipEmbedder("exported").setStride(2))).isEqualTo(whole);
    }
  }

  @Test
  public void aRowThatNamesNoVideoCostsItselfOnly() {
    StructType schema = new StructType().add("video", DataTypes.StringType);
    Dataset<Row> videos =
        spark.createDataFrame(
            List.of(RowFactory.create((Object) null), RowFactory.create("file:clip.mp4")), schema);

    assertThat(
            embedder
                .transform(videos)
                .select("embedded.outcome", "embedded.reason")
                .collectAsList())
        .extracting(row -> row.getString(0) + ", " + row.getString(1))
        .containsExactly(
            "quarantined, cannot be read: Can not create a Path from a null string",
            "quarantined, cannot be read: java.net.URISyntaxException: Relative path in absolute"
                + " URI: file:clip.mp4");
  }

  @Test
  public void aClipThatIsNoneHasNoWindows() {
    StructType schema = new StructType().add("clip", EmbedClips.CLIP);
    Row none = RowFactory.create((Object) null);
    Row ofNulls = RowFactory.create(RowFactory.create(null, null, null, null));

    assertThat(
            clipEmbedder("run")
                .transform(spark.createDataFrame(List.of(none, ofNulls), schema))
                .select("embedded")
                .collectAsList())
        .allMatch(row -> row.getList(0).isEmpty())
        .hasSize(2);
  }

  @Test
  public void aTaskThatIsGivenManyPartitionsOpensOneEncoder() throws IOException {
    write("of-one", 1, 5, TINY);
    write("of-many", 1, 5, TINY);

    long readOfOne = bytesReadToEmbed("of-one", 1);

    assertThat(bytesReadToEmbed("of-many", 8)).isLessThan(2 * readOfOne);
  }

  /** By one task; the model is nearly all of it. */
  private long bytesReadToEmbed(String run, int partitions) {
    long before = bytesRead();
    List<Row> none = Collections.nCopies(partitions, RowFactory.create((Object) null));
    StructType schema = new StructType().add("clip", EmbedClips.CLIP);
    Dataset<Row> rows = spark.createDataFrame(none, schema).repartition(partitions);
    assertThat(clipEmbedder(run).transform(rows).coalesce(1).collectAsList()).hasSize(partitions);
    return bytesRead() - before;
  }

  private static long bytesRead() {
    return FileSystem.getGlobalStorageStatistics().get("file").getLong("bytesRead");
  }

  private FaceVideoEmbedder clipEmbedder(String run) {
    return new FaceVideoEmbedder()
        .setModelUrl(folder.resolve(run).toString())
        .setOutputCol("embedded");
  }

  /** Of one clip of noise. */
  private List<Row> windows(FaceVideoEmbedder embedder) {
    SplittableRandom random = new SplittableRandom(6);
    byte[][] images = new byte[64][NOISE_SIDE * NOISE_SIDE * 3];
    for (byte[] image : images) {
      random.nextBytes(image);
    }
    Row clip = RowFactory.create(images, "raw", NOISE_SIDE, NOISE_SIDE);
    StructType schema = new StructType().add("clip", EmbedClips.CLIP);
    return embedder
        .transform(spark.createDataFrame(List.of(RowFactory.create(clip)), schema))
        .first()
        .getList(1);
  }

  private static MienConfiguration configuration(int stride) {
    return MienConfiguration.load(
        Optional.of("tiny"),
        Optional.empty(),
        List.of(
            "model { image = 56, patch = 14, encoder { width = 24, depth = 1 }, decoder.width = 12"
                + " }",
            "training.stride = " + stride));
  }

  private void write(String run, long round, long seed, MienConfiguration configuration)
      throws IOException {
    new Checkpoints(new Configuration(), folder.resolve(run).toString())
        .write(
            Manifests.of(round, configuration),
            Snapshots.of(TrainingState.initial(configuration.model(), seed)));
  }

  @Test
  public void parametersHaveTheNamesOfTheExtensions() {
    assertThat(embedder.params())
        .extracting(Param::name)
        .contains("inputCol", "outputCol", "engine", "modelUrl", "batchSize", "translatorFactory");
  }

  @Test
  public void whatTheExtensionCannotDoHereIsRefused() {
    assertThatThrownBy(() -> new FaceVideoEmbedder().setEngine("TensorFlow"))
        .hasMessageContaining("engine given invalid value TensorFlow");
    new FaceVideoEmbedder().setEngine("PyTorch");
    for (Param<String> choice : List.of(embedder.tail(), embedder.output(), embedder.device())) {
      assertThatThrownBy(() -> choice.w("some")).hasMessageContaining("given invalid value some");
    }
  }

  @Test
  public void anotherTypeIsNamedWithTheOnesThatAreMeant() {
    assertThatThrownBy(() -> embedder.transform(spark.range(1).toDF("video")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid inputCol: video is bigint (must be"
                + " struct<images:array<binary>,format:string,height:int,width:int>, or string for"
                + " the URIs of videos)");
    assertThatThrownBy(
            () ->
                new FaceVideoEmbedder()
                    .setInputCol("video")
                    .transform(spark.createDataset(List.of("x"), Encoders.STRING()).toDF("video")))
        .hasMessageStartingWith("Missing modelUrl");
    assertThatThrownBy(() -> windows(clipEmbedder("run").setDevice("gpu")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid device: gpu (must be cpu with the master local[2],");
    assertThatThrownBy(() -> windows(clipEmbedder("nowhere")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "No model at %s (must be the folder of a run, of a checkpoint or of an export for DJL)",
            folder.resolve("nowhere"));
  }
}
