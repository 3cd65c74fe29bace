package dev.mien.spark.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.train.TrainingState;
import dev.mien.preprocessing.picture.Drawing;
import dev.mien.preprocessing.region.Region;
import dev.mien.spark.CountingFileSystem;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.dataset.clip.ChosenClips;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.redundancy.RedundancyJob;
import dev.mien.spark.redundancy.Subset;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.Snapshots;
import dev.mien.spark.session.MienRegistrator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.AbstractThrowableAssert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class InspectJobTest {

  private static final int FRAMES = 40;
  private static final int SIDE = 224;

  private SparkSession spark;
  private MienConfiguration configuration;
  private Path folder;

  @BeforeClass
  public void writeDataset() throws IOException {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.databricks.delta.snapshotPartitions", "1")
            .config("spark.serializer", KryoSerializer.class.getName())
            .config("spark.kryo.registrator", MienRegistrator.class.getName())
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .getOrCreate();
    configuration =
        MienConfiguration.load(
            Optional.of("tiny"), Optional.empty(), List.of("inspection.clips = 3"));
    folder = Files.createTempDirectory("inspect");

    TestDatasets.empty(spark, dataset())
        .publish(
            spark.createDataFrame(
                List.of(
                    video("v0", "processed", ""),
                    video("v1", "rejected", "no face found"),
                    video("v2", "rejected", "no face track: longest 11 frames"),
                    video("v3", "rejected", "no face track: longest 12 frames"),
                    video("v0", "rejected", "same content as file:/v0")),
                Tables.VIDEOS),
            spark.createDataFrame(List.of(track("v0-t000")), Tables.TRACKS),
            spark.createDataFrame(
                List.of(
                    clip("v0-t000-c0000", FRAMES, -10),
                    clip("v0-t000-c0001", FRAMES, 4),
                    clip("v0-t000-c0002", 16, 4)),
                Tables.CLIPS));
  }

  @AfterClass(alwaysRun = true)
  public void removeDataset() throws IOException {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aDatasetAloneIsShownAlikeTwice() throws IOException {
    String page = inspect("first.html");

    assertThat(count("<section id=", page)).isEqualTo(5L);
    assertThat(page)
        .contains("<dt>people</dt><dd>1</dd>", "<dt>videos</dt><dd>5</dd>")
        .contains("<dt>minutes of video</dt><dd>0.1</dd>")
        .contains("<td>no face found</td><td class=\"number\">1</td>")
        .contains("<td>no face track</td><td class=\"number\">2</td>")
        .contains("<td>same content as another</td><td class=\"number\">1</td>")
        .contains("v0-t000-c0000", "id1 · 4.0 s · 1 tracks in 1 shots")
        .contains("0.1 s · shot 0", "no face to 4.0 s");
    assertThat(count("<img src=\"data:", page))
        .as("a thumbnail, a gap, three rows of two clips, two of the one too short for a mask")
        .isEqualTo(2 + 2 * 3 * 8L + 2 * 8L);
    assertThat(Files.getPosixFilePermissions(folder.resolve("first.html")))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    assertThat(inspect("second.html")).isEqualTo(page);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("dataset", "first.html", "second.html")
          .noneMatch(name -> name.endsWith(".part"));
    }
  }

  @Test
  public void theFiguresOfAllClipsAreReadOnce() throws IOException {
    String uri = folder + "/dataset/figures";
    FaceVideoDataset dataset = publish(FaceVideoDataset.openOrCreate(spark, uri), "v0");
    int scan =
        CountingFileSystem.clipsOpened(
                spark, () -> dataset.clips().select("clip_id", "frames").collectAsList())
            .size();

    assertThat(CountingFileSystem.clipsOpened(spark, () -> saidOf(uri, Optional.empty())))
        .as("figures, the shards of chosen clips, and those clips")
        .hasSizeBetween(scan, 3 * scan);
    assertThat(spark.sharedState().cacheManager().isEmpty()).as("nothing is kept").isTrue();
  }

  @Test(dependsOnMethods = "aDatasetAloneIsShownAlikeTwice")
  public void nearDuplicatesAreShownOnceTheyWereLookedFor() throws IOException {
    new RedundancyJob(spark).run(dataset(), 26);

    assertThat(inspect("redundant.html"))
        .contains("<section id=\"redundancy\">")
        .contains("2 of 3 clips differ from a better one by at most 26 of 64 bits.")
        .contains("3 clips of 1 videos and 1 people");
  }

  @Test
  public void everyClipIsCountedInItsBin() {
    Report.Histogram yaw =
        QualityHistograms.read(FaceVideoDataset.open(spark, dataset()).clips()).stream()
            .filter(histogram -> histogram.name().equals("yaw"))
            .findFirst()
            .orElseThrow();

    assertThat(yaw.unit()).isEqualTo("degrees");
    assertThat(yaw.low()).isEqualTo(-10);
    assertThat(yaw.width()).isEqualTo(0.5);
    assertThat(yaw.counts()).hasSize(29).startsWith(1L, 0L).endsWith(0L, 2L);
  }

  @Test
  public void aClipTooShortForAWindowHasNoMask() {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, dataset());
    List<SampledClip> clips = SampledClip.draw(dataset, dataset.clips(), 10).toList();

    assertThat(clips).extracting(clip -> clip.clip().frames()).containsExactly(FRAMES, FRAMES, 16);
    assertThat(ClipWindow.middle(clips.get(0).clip(), 16, 2))
        .map(window -> window.frame(0))
        .contains(4);
    assertThat(ClipWindow.middle(clips.get(2).clip(), 16, 2)).isEmpty();
  }

  @Test
  public void longClipsAreNotAllHeldAtOnce() {
    Map<String, Integer> frames = Map.of("a", 1500, "b", 500, "c", 1, "d", 5000, "e", 2000);

    assertThat(SampledClip.atOnce(new TreeMap<>(frames)))
        .isEqualTo(List.of(List.of("a", "b"), List.of("c"), List.of("d"), List.of("e")));
  }

  @Test
  public void ofAFewClipsOnlyTheShardsThatHoldThemAreRead() throws IOException {
    String odd = folder + "/dataset/a folder {of,names} [100%]";
    FaceVideoDataset dataset = TestDatasets.empty(spark, odd);
    for (String id : List.of("v0", "v1")) {
      dataset = publish(dataset, id);
    }

    Dataset<Row> chosen = ChosenClips.read(dataset, List.of("v1-t000-c0001", "v9-t000"));
    assertThat(chosen.inputFiles()).hasSize(1);
    assertThat(chosen.schema().fieldNames()).isEqualTo(Tables.CLIPS.fieldNames());
    assertThat(chosen.collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("v1-t000-c0001");
    assertThat(ChosenClips.read(dataset, List.of("none")).collectAsList()).isEmpty();
  }

  @Test
  public void aSubsetIsShownWithoutTheClipsThatAreNoMore() {
    spark
        .createDataset(List.of("v0-t000-c0001", "changed-t000-c0000"), Encoders.STRING())
        .toDF("clip_id")
        .write()
        .format("delta")
        .save(dataset() + "/subsets/half");

    FaceVideoDataset shown = FaceVideoDataset.open(spark, dataset());
    assertThat(Subset.remaining(spark, shown, "half"))
        .extracting(ClipEntry::clipId)
        .containsExactly("v0-t000-c0001");
    assertThat(Subset.remaining(spark, shown, "")).hasSize(3);
  }

  @Test
  public void aGridOfPatchesNeedNotDivideAClip() throws IOException {
    MienConfiguration svfap =
        MienConfiguration.load(
            Optional.of("svfap"),
            Optional.empty(),
            List.of("training.stride = 2", "inspection.clips = 3"));

    assertThat(count("<img src=\"data:", inspect("svfap.html", svfap)))
        .as("among them three rows of two clips, the third the mask's")
        .isEqualTo(2 + 2 * 3 * 8L + 2 * 8L);
  }

  @Test
  public void aMissingDatasetIsNamed() {
    assertThatThrownBy(
            () ->
                new InspectJob(spark, configuration)
                    .run(
                        folder + "/nowhere",
                        Optional.empty(),
                        Optional.empty(),
                        folder.resolve("none.html")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/nowhere");
    assertThat(folder.resolve("none.html")).doesNotExist();
  }

  @Test
  public void whatIsNotThereIsRefusedBeforeAnyWork() throws IOException {
    Path page = folder.resolve("refused/page.html");
    Path file = Files.writeString(folder.resolve("a-file"), "");

    assertRefused(Optional.of(folder + "/no-run"), Optional.empty(), page)
        .hasMessage(
            "No run at %s/no-run (must be the folder that mien pretrain was given by --run)",
            folder);
    assertRefused(Optional.empty(), Optional.of(folder + "/no-table"), page)
        .hasMessageStartingWith("No embeddings at " + folder + "/no-table (make them with");
    assertThat(folder.resolve("refused")).doesNotExist();
    assertRefused(Optional.empty(), Optional.empty(), folder)
        .hasMessage("Invalid --output: file:%s/ is a folder (must be a file)", folder);
    assertRefused(Optional.empty(), Optional.empty(), file.resolve("below/page.html"))
        .hasMessageStartingWith(
            "Invalid --output: file:%s/below/page.html (its folder file:", file);
  }

  private AbstractThrowableAssert<?, ?> assertRefused(
      Optional<String> run, Optional<String> embeddings, Path output) {
    return assertThatThrownBy(
            () -> new InspectJob(spark, configuration).run(dataset(), run, embeddings, output))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  public void aRunOfWhichThereIsNothingYetIsSaidToBeLeftOut() throws IOException {
    Path run = Files.createDirectory(folder.resolve("empty-run"));
    assertThat(saidOf(dataset(), Optional.of(run.toString())))
        .contains(
            "Left out the run %s: there are no metrics and no checkpoints in it (".formatted(run))
        .contains("(a run has them once a round is done; one of its checkpoints, or an exported");
  }

  @Test
  public void nearDuplicatesOfAnotherVersionAreSaidToBeLeftOut() throws IOException {
    String changed = folder + "/dataset/changed";
    FaceVideoDataset dataset = publish(TestDatasets.empty(spark, changed), "v0");
    new RedundancyJob(spark).run(changed, 26);
    publish(dataset, "v1");
    assertThat(saidOf(changed, Optional.empty()))
        .contains("Left out the near-duplicates at " + changed + "/redundancy: they are of version")
        .contains("mien redundancy --dataset " + changed);
  }

  /** What is said beside the page. */
  private String saidOf(String dataset, Optional<String> run) throws IOException {
    PrintStream before = System.err;
    var said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      new InspectJob(spark, configuration)
          .run(dataset, run, Optional.empty(), folder.resolve("said.html"));
    } finally {
      System.setErr(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  private FaceVideoDataset publish(FaceVideoDataset dataset, String video) {
    return dataset.publish(
        spark.createDataFrame(List.of(video(video, "processed", "")), Tables.VIDEOS),
        spark.createDataFrame(List.of(), Tables.TRACKS),
        spark.createDataFrame(
            List.of(clip(video + "-t000-c0000", 16, 4), clip(video + "-t000-c0001", 16, 4)),
            Tables.CLIPS));
  }

  @Test
  public void aModelIsShownThoughWhatOnlyTrainingNeedsIsDamaged() throws IOException {
    Path run = folder.resolve("damaged-run");
    new Checkpoints(new Configuration(), run.toString())
        .write(
            Manifests.of(1, configuration),
            Snapshots.of(TrainingState.initial(configuration.model(), 5)));
    Path checkpoint = run.resolve("checkpoints/round-00000001");
    Files.write(checkpoint.resolve("optimiser.safetensors"), new byte[7]);
    Path page = folder.resolve("damaged-run.html");

    new InspectJob(spark, configuration)
        .run(dataset(), Optional.of(run.toString()), Optional.empty(), page);

    assertThat(page).content().contains("after round 1 and ");
  }

  private String inspect(String name) throws IOException {
    return inspect(name, configuration);
  }

  private String inspect(String name, MienConfiguration shown) throws IOException {
    Path output = folder.resolve(name);
    new InspectJob(spark, shown).run(dataset(), Optional.empty(), Optional.empty(), output);
    return Files.readString(output);
  }

  private String dataset() {
    return folder.resolve("dataset").toUri().toString();
  }

  private static long count(String text, String page) {
    return Pattern.compile(Pattern.quote(text)).matcher(page).results().count();
  }

  private static Row video(String id, String outcome, String reason) {
    Row times = RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    return RowFactory.create(
        id,
        "file:/" + id,
        1L,
        1L,
        "hash",
        "id1",
        "dev",
        null,
        null,
        400,
        300,
        25.0,
        4.0,
        "h264",
        0,
        96,
        96,
        1,
        3,
        100L,
        outcome,
        reason,
        Map.of(),
        new Object[0],
        "pipeline",
        null,
        times);
  }

  private static Row track(String id) {
    float[] boxes = new float[4 * FRAMES];
    Arrays.fill(boxes, 50);
    float[] scores = new float[FRAMES];
    return RowFactory.create(
        id,
        "v0",
        "id1",
        0,
        0,
        FRAMES,
        0L,
        1_600_000L,
        LongStream.range(0, FRAMES).map(frame -> 40_000 * frame).toArray(),
        boxes,
        scores,
        new Row[] {RowFactory.create(3, picture(), 0.5)},
        RowFactory.create(0.9f, 1f, 1f, 100f, 50f, 128f, 1f, 0f, 0f, 0f));
  }

  private static Row clip(String id, int frames, float yaw) {
    byte[] regions = new byte[frames * 56 * 56];
    Arrays.fill(regions, (byte) (Region.SKIN.bit() | Region.BACKGROUND.bit()));
    Row quality = RowFactory.create(0.9f, 1f, 1f, 100f, 50f, 128f, 1f, yaw, 0f, 0f);
    Object[] images = Collections.nCopies(frames, picture()).toArray();
    return RowFactory.create(
        id,
        "v0-t000",
        "v0",
        "id1",
        "dev",
        0,
        frames,
        SIDE,
        SIDE,
        25.0,
        new long[frames],
        "jpeg",
        images,
        regions,
        new byte[0],
        quality,
        new long[] {7});
  }

  private static byte[] picture() {
    return Drawing.jpeg(ByteBuffer.allocate(SIDE * SIDE * 3), SIDE, SIDE);
  }
}
