package dev.mien.spark.redundancy;

import static java.util.Collections.nCopies;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.preprocessing.video.DecodeOptions;
import dev.mien.preprocessing.video.Decoder;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.DerivedTable;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.SessionSettings;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.run.CodeVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.OpenCVFrameConverter;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Near-duplicates and subsets of the samples and of copies of them at a lower bit rate. */
public class RedundancyJobTest {

  /** Four clips. */
  private static final int FRAMES = 256;

  private static final Path SAMPLES = Path.of("../samples/dev/mp4/id90001");
  private static final int THRESHOLD = Integer.parseInt(Thresholds.DEFAULT);

  private SparkSession spark;
  private Path folder;
  private FaceVideoDataset dataset;

  @BeforeClass
  public void preprocess() throws Exception {
    MienConfiguration configuration =
        MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());
    spark = LocalSpark.open(configuration);
    folder = Files.createTempDirectory("redundancy");
    encode("cap12/00001.mp4", "id90001/one/00001.mp4", 4_000_000);
    encode("cap12/00001.mp4", "id90002/copy/00001.mp4", 250_000);
    encode("cap13/00001.mp4", "id90001/two/00001.mp4", 4_000_000);
    TestDatasets.empty(spark, uri());
    new PreprocessJob(spark, configuration)
        .run(PreprocessInputs.of(folder.resolve("input").toString()), uri());
    dataset = FaceVideoDataset.open(spark, uri());
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws Exception {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aThresholdThatCannotBeIsRefusedBeforeAnythingIsRead() {
    assertThatThrownBy(() -> new RedundancyJob(spark).run(folder + "/nowhere", 65))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid threshold: 65 (must be in [0,64] bits)");
  }

  @Test
  public void aClipAndItsCopyAreOneGroup() throws IOException {
    RedundancyReport report = new RedundancyJob(spark).run(uri(), THRESHOLD);

    assertThat(report.clips()).isEqualTo(12);
    assertThat(report.bits()).isEqualTo(256);
    assertThat(report.levels())
        .extracting(RedundancyReport.Level::threshold)
        .containsExactly(0, 6, 13, 19, 26);
    RedundancyReport.Level widest = report.levels().get(4);
    assertThat(widest.acrossPeople())
        .as("a clip and its copy, which is filed under another name, are one too many")
        .isBetween(4L, 8L);
    assertThat(report.text()).contains("12 clips, fingerprints of 256 bits");

    JsonObject said = said("redundancy");
    assertThat(said.get("code").getAsString()).isEqualTo(CodeVersion.current());
    assertThat(said.get("datasetVersion").getAsLong()).isEqualTo(dataset.version().videos());
    assertThat(said.getAsJsonArray("levels").get(4).getAsJsonObject().get("threshold").getAsInt())
        .isEqualTo(THRESHOLD);

    NearDuplicates found = NearDuplicates.read(spark, dataset, 100, 100).orElseThrow();
    assertThat(found.report()).isEqualTo(report);
    List<RankedClip> ranked = RankedClip.read(dataset);
    for (RankedClip clip : ranked) {
      if (clip.person().equals("id90002")) {
        assertThat(groupOf(found, clip.clipId()))
            .as("the group of %s", clip.clipId())
            .anyMatch(other -> person(ranked, other).equals("id90001"));
      }
    }
  }

  @Test
  public void aSubsetIsTheSameForTheSameAskingAndIsKept() throws IOException {
    SelectJob select = new SelectJob(spark);
    Subset first = select.run(uri(), "half", new SubsetOptions(THRESHOLD, 0.5, 7));
    Subset again = select.run(uri(), "half-again", new SubsetOptions(THRESHOLD, 0.5, 7));

    assertThat(first.clips()).isEqualTo(6);
    assertThat(first.of()).isEqualTo(12);
    assertThat(first.datasetVersion()).isEqualTo(dataset.version().videos());
    JsonObject said = said("subsets/half");
    assertThat(said.get("code").getAsString()).isEqualTo(CodeVersion.current());
    assertThat(said.get("datasetVersion").getAsLong()).isEqualTo(first.datasetVersion());
    JsonObject options = said.getAsJsonObject("options");
    assertThat(options.get("threshold").getAsInt()).isEqualTo(THRESHOLD);
    assertThat(options.get("keepFraction").getAsDouble()).isEqualTo(0.5);
    assertThat(options.get("seed").getAsLong()).isEqualTo(7);
    assertThat(Subset.clipIds(spark, uri(), "half"))
        .isEqualTo(Subset.clipIds(spark, uri(), "half-again"));
    assertThat(again.people()).isEqualTo(first.people());
    assertThat(Subset.index(spark, dataset, "half").clips())
        .extracting(ClipEntry::clipId)
        .containsExactlyInAnyOrderElementsOf(Subset.clipIds(spark, uri(), "half"));
    assertThat(Subset.index(spark, dataset, "").clips()).hasSize(12);
    assertThatThrownBy(() -> select.run(uri(), "half", new SubsetOptions(THRESHOLD, 0.1, 7)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has a subset half, which stays as it is");
    assertThatThrownBy(() -> Subset.index(spark, dataset, "none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no subset none");
  }

  @Test
  public void withoutAFractionOneClipOfEachGroupIsKept() throws IOException {
    Subset leaders = new SelectJob(spark).run(uri(), "leaders", new SubsetOptions(THRESHOLD, 0, 7));
    Grouping grouping = Grouping.of(spark, RankedClip.read(dataset), List.of(THRESHOLD)).get(0);

    assertThat(leaders.clips()).isEqualTo(12 - grouping.redundant()).isLessThanOrEqualTo(8);
  }

  @Test
  public void filesAreNotReadByAJobEach() throws Exception {
    String uri = folder.resolve("of-many-files").toUri().toString();
    List<Row> clips =
        IntStream.range(0, 24).mapToObj(i -> StoredRows.clip("video" + i, "id", 0)).toList();
    FaceVideoDataset many =
        FaceVideoDataset.openOrCreate(spark, uri)
            .publish(
                StoredRows.frame(spark, List.of(), Tables.VIDEOS),
                StoredRows.frame(spark, List.of(), Tables.TRACKS),
                StoredRows.frame(spark, clips, Tables.CLIPS).repartition(24));
    List<RankedClip> inOnePart = RankedClip.read(many);
    AtomicInteger jobs = new AtomicInteger();
    SparkListener counter =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart job) {
            jobs.incrementAndGet();
          }
        };
    spark.sparkContext().addSparkListener(counter);

    SessionSettings.with(
        spark,
        Map.of("spark.sql.files.openCostInBytes", "128m", "spark.sql.shuffle.partitions", "2"),
        () -> {
          assertThat(many.clips().javaRDD().getNumPartitions()).isGreaterThan(12);
          assertThat(RankedClip.read(many))
              .extracting(RankedClip::clipId)
              .isEqualTo(inOnePart.stream().map(RankedClip::clipId).toList())
              .hasSize(24);
        });

    spark.sparkContext().listenerBus().waitUntilEmpty();
    spark.sparkContext().removeSparkListener(counter);
    assertThat(jobs).hasValueLessThan(12);
  }

  @Test
  public void noTaskIsSentAllRowsOfALargeTable() {
    Row row = RowFactory.create("id00012-v-t000-c0000", "id00012-v", "id00012", 7);

    assertThat(SlicedRows.of(spark, nCopies(250_000, row), Subset.COLUMNS).javaRDD())
        .extracting(JavaRDD::getNumPartitions, JavaRDD::count)
        .containsExactly(3, 250_000L);
  }

  @Test
  public void theBestLeadsAndNobodyIsLedFromAfar() {
    // Each is two bits from the one before, the third four from the first.
    List<RankedClip> chain =
        List.of(clip("a", 0b0L), clip("b", 0b11L), clip("c", 0b1111L), clip("d", 0b11L));

    Grouping grouping = Grouping.of(spark, chain, List.of(0, 2)).get(1);

    assertThat(grouping.leaders()).containsExactly(0, 0, 2, 0);
    assertThat(grouping.distances()).containsExactly(0, 2, 0, 2);
    assertThat(Grouping.of(spark, chain, List.of(0)).get(0).leaders()).containsExactly(0, 1, 2, 1);
  }

  @Test
  public void peopleAndTheirVideosTakeTurns() {
    List<RankedClip> ranked =
        List.of(
            of("p", "p1", 0),
            of("p", "p1", 1),
            of("p", "p1", 2),
            of("p", "p2", 3),
            of("q", "q1", 4),
            of("q", "q1", 5));
    Grouping grouping = new Grouping(0, new int[] {0, 1, 2, 3, 4, 4}, new int[6]);

    List<Integer> order = Selection.order(ranked, grouping, 3);

    assertThat(order).hasSize(6).doesNotHaveDuplicates();
    assertThat(order.get(5)).as("the only follower").isEqualTo(5);
    assertThat(order.subList(0, 2)).contains(4).containsAnyOf(0, 3);
    assertThat(order.subList(0, 3)).as("the best of each video").contains(0, 3, 4);
    assertThat(order.subList(3, 5)).containsExactly(1, 2);
  }

  private static RankedClip of(String person, String video, int number) {
    return new RankedClip("c" + number, video, person, 1, new long[] {number});
  }

  private static RankedClip clip(String id, long fingerprint) {
    return new RankedClip(id, "v", null, 1, new long[] {fingerprint});
  }

  private static String person(List<RankedClip> ranked, String clipId) {
    return ranked.stream()
        .filter(clip -> clip.clipId().equals(clipId))
        .map(RankedClip::person)
        .findFirst()
        .orElseThrow();
  }

  private static List<String> groupOf(NearDuplicates found, String clipId) {
    return found.groups().stream()
        .map(group -> group.stream().map(NearDuplicates.Member::clipId).toList())
        .filter(group -> group.contains(clipId))
        .findFirst()
        .orElse(List.of());
  }

  /** What a table beside the dataset's says of its making. */
  private JsonObject said(String table) {
    String json = new DerivedTable(spark, uri() + "/" + table).said().findFirst().orElseThrow();
    return JsonParser.parseString(json).getAsJsonObject();
  }

  private void encode(String sample, String name, int bitRate) throws Exception {
    Path file = folder.resolve("input/dev/mp4").resolve(name);
    Files.createDirectories(file.getParent());
    try (Decoder decoder = Decoder.open(SAMPLES.resolve(sample), DecodeOptions.defaults());
        FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toFile(), 400, 300);
        OpenCVFrameConverter.ToMat converter = new OpenCVFrameConverter.ToMat()) {
      recorder.setVideoCodec(AV_CODEC_ID_MPEG4);
      recorder.setFormat("mp4");
      recorder.setPixelFormat(AV_PIX_FMT_YUV420P);
      recorder.setFrameRate(25);
      recorder.setVideoBitrate(bitRate);
      recorder.start();
      for (int frame = 0; frame < FRAMES && decoder.next(); frame++) {
        recorder.record(converter.convert(decoder.frame()));
      }
      recorder.stop();
    }
  }

  private String uri() {
    return folder.resolve("dataset").toUri().toString();
  }
}
