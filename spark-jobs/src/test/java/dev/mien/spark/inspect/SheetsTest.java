package dev.mien.spark.inspect;

import static dev.mien.spark.dataset.StoredRows.frame;
import static dev.mien.spark.dataset.StoredRows.picture;
import static dev.mien.spark.dataset.StoredRows.processed;
import static dev.mien.spark.dataset.StoredRows.publish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.dataset.clip.StoredClip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class SheetsTest {

  private SparkSession spark;
  private Path folder;

  @BeforeClass
  public void start() throws IOException {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    folder = Files.createTempDirectory("sheets");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void ofADuplicateOnlyTheMiddleFrameIsFetched() throws IOException {
    FaceVideoDataset dataset = publish(spark, empty("clips"), processed("a.mp4", "a", "me"));

    List<StoredClip> middles = DuplicateSheets.middles(dataset, List.of("a-t0-c0000"));

    assertThat(middles).hasSize(1);
    assertThat(middles.get(0).images()).containsExactly(picture("a", 4)); // of 2 and 4
  }

  /** Whatever draws another than the chosen ones fails. */
  @Test
  public void onlyThePicturesThatAreShownAreDrawn() throws IOException {
    int count = 100;
    Set<Integer> shown =
        IntStream.of(EvenChoice.of(count, VideoSheets.PICTURES))
            .boxed()
            .collect(Collectors.toSet());
    Row track =
        track(
            0,
            LongStream.range(0, count).map(i -> 20_000 * i), // 2 seconds, the whole video
            IntStream.range(0, count)
                .mapToObj(
                    i ->
                        RowFactory.create(
                            i, shown.contains(i) ? picture("a", i) : new byte[] {1}, 1.0)));
    FaceVideoDataset dataset =
        empty("videos")
            .publish(
                frame(spark, List.of(processed("a.mp4", "a", "me")), Tables.VIDEOS),
                frame(spark, List.of(track), Tables.TRACKS),
                frame(spark, List.of(), Tables.CLIPS));

    assertThat(VideoSheets.draw(dataset, 1))
        .singleElement()
        .satisfies(sheet -> assertThat(sheet.strips()).hasSize(3));
  }

  /** A video of two seconds: as a broadcast's, its clock starts late. */
  @Test(dataProvider = "lateTracks")
  public void stretchesWithoutAFaceAreOnTheFilesClock(
      String name, int firstFrame, double from, double to, List<String> captions)
      throws IOException {
    long micros = Math.round(1e6 * from);
    int frames = (int) Math.round((to - from) * 25) + 1;
    Row track =
        track(
            firstFrame,
            LongStream.range(0, frames).map(i -> micros + 40_000 * i),
            Stream.of(RowFactory.create(0, picture("a", 0), 1.0)));
    FaceVideoDataset dataset =
        empty(name)
            .publish(
                frame(spark, List.of(processed("a.mp4", "a", "me")), Tables.VIDEOS),
                frame(spark, List.of(track), Tables.TRACKS),
                frame(spark, List.of(), Tables.CLIPS));

    assertThat(VideoSheets.draw(dataset, 1).get(0).strips().get(0).pictures())
        .extracting(Report.Picture::caption)
        .filteredOn(caption -> !caption.isEmpty())
        .containsExactlyElementsOf(captions);
  }

  @DataProvider
  public Object[][] lateTracks() {
    return new Object[][] {
      {"first", 0, 600, 601, List.of("600.0 s · shot 0", "no face to 602.0 s")},
      {"last", 25, 601, 601.96, List.of("no face to 601.0 s", "601.0 s · shot 0")},
      {"whole", 0, 600, 601.96, List.of("600.0 s · shot 0")},
    };
  }

  private static Row track(int firstFrame, LongStream timestamps, Stream<Row> thumbnails) {
    long[] times = timestamps.toArray();
    return RowFactory.create(
        "a-t0",
        "a",
        "me",
        0,
        firstFrame,
        times.length,
        times[0],
        times[times.length - 1],
        times,
        new float[4 * times.length],
        new float[times.length],
        thumbnails.toArray(),
        RowFactory.create(1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f));
  }

  @Test
  public void embeddingsOfAllTokensAreLeftOut() {
    assertThat(EmbeddingProjection.read(spark, embeddings("wide", 5, 4097, "id"))).isEmpty();
    assertThat(EmbeddingProjection.read(spark, embeddings("narrow", 5, 8, "id")))
        .map(map -> map.clips().size())
        .contains(5);
    assertThat(EmbeddingProjection.read(spark, embeddings("none", 0, 1, "id"))).isEmpty();
  }

  @Test
  public void embeddingsThatAreAllAlikeAreLeftOut() {
    assertThat(EmbeddingProjection.read(spark, embeddings("alike", 5, 8, "0"))).isEmpty();
  }

  /** Rows of so many values, which differ as the expression does. */
  private String embeddings(String name, int rows, int width, String differing) {
    String uri = folder.resolve(name).toString();
    spark
        .range(rows)
        .selectExpr(
            "string(id) clip_id",
            "'t' track_id",
            "'v' video_id",
            "'me' person_id",
            "0 first_frame",
            "transform(sequence(1, %d), i -> float(pmod(hash(i, %s), 100))) embedding"
                .formatted(width, differing))
        .write()
        .format("delta")
        .save(uri);
    return uri;
  }

  private FaceVideoDataset empty(String name) throws IOException {
    return TestDatasets.empty(spark, folder.resolve(name).toString());
  }
}
