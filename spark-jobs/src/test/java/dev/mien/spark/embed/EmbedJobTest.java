package dev.mien.spark.embed;

import static dev.mien.spark.dataset.StoredRows.processed;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.CountingFileSystem;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.DerivedTable;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.SessionSettings;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.embed.EmbedJob.Embedded;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.Snapshots;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.util.FloatComparator;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A table of embeddings over the nights of a dataset that changes. */
public class EmbedJobTest {

  private static final long SEED = 5;

  /** What the job would not make, to know rows by that it has not touched. */
  private static final String UNTOUCHED = "transform(embedding, value -> -7f)";

  private Path folder;
  private SparkSession spark;
  private FaceVideoDataset dataset;

  @BeforeClass
  public void start() throws IOException {
    folder = Files.createTempDirectory("embed-job");
    spark = LocalSpark.open(configuration());
    new Checkpoints(new Configuration(), uri("run"))
        .write(
            Manifests.of(1, configuration()),
            Snapshots.of(TrainingState.initial(configuration().model(), SEED)));
    dataset = TestDatasets.empty(spark, uri("dataset"));
    publish(
        processed("stays.mp4", "stays", "id1"),
        processed("goes.mp4", "goes", "id1"),
        processed("cut.mp4", "cut", "id2"),
        processed("boxed.mp4", "boxed", "id2"),
        processed("named.mp4", "named", null));
    assertThat(embed("first")).isEqualTo(new Embedded(Optional.empty(), 10));
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aNightEmbedsWhatHasChangedAndEndsWhereAllAnewWould() throws IOException {
    copyOfFirst("nights");
    DeltaTable.forPath(spark, uri("nights"))
        .update(expr("video_id = 'stays'"), Map.of("embedding", expr(UNTOUCHED)));
    assertThat(ofVideo("nights", "stays")).isNotEqualTo(ofVideo("nights", "goes"));

    assertThat(
            CountingFileSystem.clipsOpened(
                spark,
                () ->
                    assertThat(embed("nights").changes())
                        .as("of a night in which nothing has changed")
                        .contains(new ChangedVideos(List.of(), List.of()))))
        .isEmpty();

    publish(
        StoredRows.video("goes.mp4", "goes-broken", "id1", Tables.QUARANTINED, "broken"),
        cutAnew(processed("cut.mp4", "cut", "id2"), "pipeline"),
        cutAnew(processed("boxed.mp4", "boxed", "id2"), "boxes"),
        processed("named.mp4", "named", "id3"),
        processed("new.mp4", "new", "id3"));
    ChangedVideos changed = embed("nights").changes().orElseThrow();
    embed("anew");

    assertThat(changed.gone()).containsExactlyInAnyOrder("goes", "cut", "boxed", "named");
    assertThat(changed.come()).containsExactlyInAnyOrder("cut", "boxed", "named", "new");
    for (String video : List.of("goes", "cut", "boxed", "named", "new")) {
      assertAlike(ofVideo("nights", video), ofVideo("anew", video));
    }
    assertThat(ofVideo("nights", "new")).hasSize(2);
    assertThat(read("nights").where("video_id = 'stays'").where("embedding[0] = -7").count())
        .as("rows of before, not embedded again")
        .isEqualTo(2);
    assertThat(embed("nights").changes()).contains(new ChangedVideos(List.of(), List.of()));

    Embedded otherwise = embed("nights", "embedding.output = sequence");
    assertThat(otherwise).isEqualTo(new Embedded(Optional.empty(), 10));
    assertThat(ofVideo("nights", "stays"))
        .isNotEmpty()
        .allSatisfy(row -> assertThat(row.getList(row.fieldIndex("embedding"))).hasSize(24 * 128));
    assertThat(embed("nights", "embedding { output = sequence, batch-size = 1 }").changes())
        .as("of smaller batches")
        .isPresent();
  }

  @Test
  public void embeddingsAreNotSentAround() {
    Dataset<Row> windows = read("first").drop("pipeline", "boxes");
    SessionSettings.with(
        spark,
        Map.of("spark.sql.autoBroadcastJoinThreshold", "-1"),
        () -> {
          for (Dataset<Row> videos :
              List.of(
                  ChangedVideos.cut(dataset),
                  new ChangedVideos(List.of(), List.of("stays")).cutAnew(dataset))) {
            assertThat(EmbedJob.withCut(windows, videos).queryExecution().executedPlan().toString())
                .contains("BroadcastHashJoin")
                .doesNotContain("SortMergeJoin", "ShuffledHashJoin");
          }
        });
  }

  @Test
  public void ofTwoRunsThatEmbedAtOnceOneWrites() throws IOException {
    copyOfFirst("twice");
    EmbeddingsTable one = EmbeddingsTable.at(spark, uri("twice"));
    EmbeddingsTable other = EmbeddingsTable.at(spark, uri("twice"));
    Dataset<Row> windows = read("twice").where("video_id = 'stays'");
    ChangedVideos added = new ChangedVideos(List.of(), List.of("stays"));
    String said = new DerivedTable(spark, uri("twice")).said().findFirst().orElseThrow();
    Provenance provenance = Provenance.parse(said).orElseThrow();

    one.change(added, windows, provenance);

    long written = new DerivedTable(spark, uri("twice")).version();
    assertThatThrownBy(() -> other.change(added, windows, later(provenance)))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessage(
            "Cannot write to %s: another run wrote to it meanwhile (run this again)", uri("twice"));
    assertThat(new DerivedTable(spark, uri("twice")).version()).isEqualTo(written);
  }

  @Test
  public void aCommitDoesNotNameEachOfVeryManyVideosThatAreGone() throws IOException {
    copyOfFirst("many");
    EmbeddingsTable one = EmbeddingsTable.at(spark, uri("many"));
    EmbeddingsTable other = EmbeddingsTable.at(spark, uri("many"));
    List<String> gone =
        Stream.concat(Stream.of("cut", "goes"), IntStream.range(0, 2000).mapToObj(i -> "gone" + i))
            .toList();
    ChangedVideos changed = new ChangedVideos(gone, List.of("cut"));
    Dataset<Row> windows =
        read("many").where("video_id = 'cut'").withColumn("embedding", expr(UNTOUCHED));
    Provenance provenance =
        Provenance.parse(new DerivedTable(spark, uri("many")).said().findFirst().orElseThrow())
            .orElseThrow();
    List<Row> kept = ofVideo("many", "stays");

    one.change(changed, windows, later(provenance));

    assertThat(read("many").count()).isEqualTo(8);
    assertThat(ofVideo("many", "stays")).isNotEmpty().isEqualTo(kept);
    assertThat(ofVideo("many", "goes")).isEmpty();
    assertThat(read("many").where("video_id = 'cut'").where("embedding[0] = -7").count())
        .isEqualTo(2);
    assertThat(new DerivedTable(spark, uri("many")).said()).startsWith(later(provenance).json());
    Row commit = DeltaTable.forPath(spark, uri("many")).history(1).first();
    assertThat(commit.getMap(commit.fieldIndex("operationParameters")).toString())
        .hasSizeLessThan(1000);
    assertThatThrownBy(() -> other.change(changed, windows, provenance))
        .isInstanceOf(ConcurrentPublicationException.class);
  }

  @Test
  public void smallFilesOfManyNightsAreGathered() throws IOException {
    copyOfFirst("gathered");
    Dataset<Row> windows =
        spark.createDataFrame(read("gathered").collectAsList(), read("gathered").schema());
    String said = new DerivedTable(spark, uri("gathered")).said().findFirst().orElseThrow();
    for (int night = 0; night < 2; night++) { // no file is more than half of all then
      EmbeddingsTable.at(spark, uri("gathered"))
          .change(
              new ChangedVideos(List.of(), List.of("other" + night)),
              windows,
              Provenance.parse(said).orElseThrow());
    }
    EmbeddingsTable table = EmbeddingsTable.at(spark, uri("gathered"));
    int files = read("gathered").inputFiles().length;
    long rows = read("gathered").count();
    long size = 0;
    for (String file : read("gathered").inputFiles()) {
      size += Files.size(Path.of(URI.create(file)));
    }

    table.compact(size + 1);
    assertThat(read("gathered").inputFiles()).as("too little for a file").hasSize(files);
    table.compact(size);

    assertThat(files).isGreaterThan(2);
    assertThat(read("gathered").inputFiles()).hasSize(1);
    assertThat(read("gathered").count()).isEqualTo(rows);
  }

  @Test
  public void whatIsEmbeddedDuringAnErasureIsNotKept() throws IOException {
    String erased = uri("erased");
    TestDatasets.empty(spark, erased);
    ErasureMark mark = ErasureMark.set(spark, erased, "person id00012");
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("file"), "of somebody");
    EmbedJob job = new EmbedJob(spark, configuration());
    String run = folder.resolve("run").toString();

    assertThatThrownBy(() -> job.run(erased, run, folder.resolve("late").toString()))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageStartingWith("Did not keep the embeddings of version ");
    assertThat(folder.resolve("late")).doesNotExist();
    assertThatThrownBy(() -> job.run(erased, run, other.toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid --output: %s holds file (must be a folder of its own for the embeddings)",
            other);
    assertThat(other.resolve("file")).exists();
    mark.remove();
  }

  @Test
  public void embeddingsSayWhatMadeThem() throws IOException {
    String empty = folder.resolve("empty").toUri().toString();
    TestDatasets.empty(spark, empty);
    String output = folder.resolve("of-nothing").toString();
    // What a driver leaves that is killed in its first commit, on S3.
    Files.createFile(
        Files.createDirectories(folder.resolve("of-nothing/_claims")).resolve("somebody"));
    Files.createFile(folder.resolve("of-nothing/part-00000"));

    Path run = Path.of("").toAbsolutePath().relativize(folder.resolve("run"));
    EmbedJob job = new EmbedJob(spark, configuration());

    job.run(empty, run.toString(), output);

    assertThatThrownBy(() -> job.run(empty, run.toString(), output + "/below"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid --output: " + output + "/below lies in another table");
    JsonObject said =
        JsonParser.parseString(
                DeltaTable.forPath(spark, output)
                    .history(1)
                    .select("userMetadata")
                    .first()
                    .getString(0))
            .getAsJsonObject();
    assertThat(said.get("code").getAsString()).isEqualTo(CodeVersion.current());
    assertThat(said.get("dataset").getAsString()).isEqualTo(empty);
    assertThat(said.get("datasetVersion").getAsLong()).isZero();
    assertThat(said.get("model").getAsString())
        .as("from the root, since executors work in other folders")
        .isEqualTo("file:" + folder.resolve("run/checkpoints/round-00000001"));
    assertThat(said.get("modelVersion").getAsString()).hasSize(64);
    assertThat(said.get("options").toString())
        .as("the stride that the model was trained with, not the 0 that was asked for")
        .isEqualTo(
            "{\"batchSize\":8,\"stride\":2,\"windowStride\":16,\"tail\":\"COVERED\","
                + "\"output\":\"POOLED\"}");
  }

  /** But for the last bits, in which windows may differ with those that were in their batch. */
  private static void assertAlike(List<Row> rows, List<Row> expected) {
    assertThat(rows).extracting(Row::schema).isEqualTo(expected.stream().map(Row::schema).toList());
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      int embedding = row.fieldIndex("embedding");
      assertThat(IntStream.range(0, embedding).mapToObj(row::get).toList())
          .isEqualTo(IntStream.range(0, embedding).mapToObj(expected.get(i)::get).toList());
      assertThat(row.<Float>getList(embedding))
          .usingElementComparator(new FloatComparator(1e-5f))
          .isEqualTo(expected.get(i).getList(embedding));
    }
  }

  private void copyOfFirst(String table) throws IOException {
    FileUtils.copyDirectory(folder.resolve("first").toFile(), folder.resolve(table).toFile());
  }

  private static Provenance later(Provenance provenance) {
    return new Provenance(
        provenance.algorithm(),
        provenance.code(),
        provenance.dataset(),
        provenance.datasetVersion() + 1,
        provenance.model(),
        provenance.modelVersion(),
        provenance.options());
  }

  private void publish(Row... videos) {
    dataset = StoredRows.publish(spark, dataset, videos);
  }

  private static Row cutAnew(Row video, String by) {
    Object[] values = IntStream.range(0, video.size()).mapToObj(video::get).toArray();
    values[Tables.VIDEOS.fieldIndex(by)] = "another";
    return RowFactory.create(values);
  }

  private Embedded embed(String output, String... settings) throws IOException {
    return new EmbedJob(spark, configuration(settings))
        .run(uri("dataset"), uri("run"), uri(output));
  }

  private List<Row> ofVideo(String table, String video) {
    return read(table).where("video_id = '" + video + "'").orderBy("clip_id").collectAsList();
  }

  private Dataset<Row> read(String table) {
    return spark.read().format("delta").load(uri(table));
  }

  private String uri(String name) {
    return folder.resolve(name).toString();
  }

  private static MienConfiguration configuration(String... settings) {
    return MienConfiguration.load(
        Optional.of("tiny"),
        Optional.empty(),
        Stream.concat(
                Stream.of(
                    "model { image = 56, patch = 14, encoder { width = 24, depth = 1 },"
                        + " decoder.width = 12 }"),
                Stream.of(settings))
            .toList());
  }
}
