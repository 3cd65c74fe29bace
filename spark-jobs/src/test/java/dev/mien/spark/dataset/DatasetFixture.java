package dev.mien.spark.dataset;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;

/** A session, a folder for a dataset in it, and videos of one clip each, made of nothing. */
public abstract class DatasetFixture {

  protected SparkSession spark;
  String uri;
  private Path first;

  @BeforeClass
  public void start() throws IOException {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    first = Files.createTempDirectory("first-dataset");
    publish(TestDatasets.empty(spark, first.toUri().toString()), "a");
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    spark.stop();
    FileUtils.deleteDirectory(first.toFile());
  }

  /** In the test's folder, with the video a: a copy, since Delta names files from their table. */
  protected FaceVideoDataset first() throws IOException {
    FileUtils.copyDirectory(first.toFile(), new File(URI.create(uri)));
    return FaceVideoDataset.open(spark, uri);
  }

  @BeforeMethod
  public void makeFolder() throws IOException {
    uri = Files.createTempDirectory("dataset").toUri().toString();
  }

  List<String> parquetFiles(String table) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(URI.create(uri + table)))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(n -> n.endsWith(".parquet"))
          .toList();
    }
  }

  static long bytes(FaceVideoDataset dataset) {
    return Arrays.stream(dataset.clips().inputFiles())
        .mapToLong(file -> new File(URI.create(file)).length())
        .sum();
  }

  void append(String id) {
    append(clips(id), "clips");
  }

  void append(Dataset<Row> rows, String table) {
    rows.write().format("delta").mode("append").save(uri + table);
  }

  Dataset<Row> videos(String... ids) {
    return spark.createDataFrame(
        List.of(ids).stream().map(id -> video(id, id)).toList(), Tables.VIDEOS);
  }

  /** The four videos a to d, the clip of each in a small file of its own. */
  FaceVideoDataset fourSmallFiles() throws IOException {
    String[] others = {"b", "c", "d"};
    return first().publish(videos(others), empty(Tables.TRACKS), clips(others), 1);
  }

  protected FaceVideoDataset publish(FaceVideoDataset dataset, String... ids) {
    return dataset.publish(videos(ids), empty(Tables.TRACKS), clips(ids));
  }

  static Row video(String uri, String id) {
    return video(uri, id, "processed");
  }

  static Row video(String uri, String id, String outcome) {
    return RowFactory.create(
        id,
        uri,
        1L,
        2L,
        "hash-" + id,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        1,
        1,
        1,
        1L,
        outcome,
        "",
        Map.of(),
        new Object[0],
        "pipeline",
        null,
        RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
  }

  Dataset<Row> clips(String... videoIds) {
    return spark.createDataFrame(
        List.of(videoIds).stream().map(DatasetFixture::clip).toList(), Tables.CLIPS);
  }

  static Row clip(String videoId) {
    return RowFactory.create(
        videoId + "-c",
        videoId + "-t",
        videoId,
        null,
        null,
        0,
        2,
        224,
        224,
        25.0,
        new long[] {0, 40},
        "jpeg",
        new Object[] {new byte[] {1, 2, 3}, new byte[] {4, 5}},
        new byte[2 * 56 * 56],
        new byte[0],
        RowFactory.create(1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f),
        new long[] {7});
  }

  Dataset<Row> empty(StructType columns) {
    return spark.createDataFrame(Collections.<Row>emptyList(), columns);
  }

  static List<String> ids(Dataset<Row> rows, String column) {
    return rows.select(column).orderBy(column).as(Encoders.STRING()).collectAsList();
  }
}
