package dev.mien.spark.forget;

import static dev.mien.spark.dataset.StoredRows.clip;
import static dev.mien.spark.dataset.StoredRows.frame;
import static dev.mien.spark.dataset.StoredRows.picture;
import static dev.mien.spark.dataset.StoredRows.processed;
import static dev.mien.spark.dataset.StoredRows.publish;
import static dev.mien.spark.dataset.StoredRows.video;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.redundancy.RedundancyJob;
import dev.mien.spark.redundancy.SelectJob;
import dev.mien.spark.redundancy.SubsetOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;

/**
 * A dataset on disk in which {@link #GONE} is to be found everywhere that Mien writes: in rows and
 * pictures of all tables and of their earlier versions, in a subset, embeddings and
 * near-duplicates, and in what a killed run left. Files are written without compression, so that
 * what is in them can be found.
 */
record ErasableDataset(SparkSession spark, Path folder) implements AutoCloseable {

  /** Three versions of two videos, and copies of two of them under other people. */
  static final String GONE = "id00012";

  static final String OTHERS = "person_id in ('id00013', 'id00015')";

  private static final List<String> VIDEOS_OF_GONE = List.of("aaaa1111", "aaaa2222", "aaaa3333");
  private static final String MODEL =
      "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 },"
          + " decoder { width = 16, depth = 1, heads = 2 } }";

  static MienConfiguration configuration(String... settings) {
    List<String> all = new ArrayList<>(List.of(MODEL));
    all.addAll(List.of(settings));
    return MienConfiguration.load(Optional.of("tiny"), Optional.empty(), all);
  }

  /** The caller stops it. */
  static SparkSession session() {
    SparkSession spark = LocalSpark.open(configuration());
    spark.conf().set("spark.sql.parquet.compression.codec", "uncompressed");
    spark.conf().set("spark.databricks.delta.properties.defaults.checkpointInterval", "2");
    return spark;
  }

  static ErasableDataset fill(SparkSession spark) throws IOException {
    ErasableDataset filled = new ErasableDataset(spark, Files.createTempDirectory("forget"));
    String uri = filled.uri();
    FaceVideoDataset one =
        publish(
            spark,
            FaceVideoDataset.openOrCreate(spark, uri),
            processed("dev/mp4/id00012/first/00001.mp4", "aaaa1111", GONE),
            processed("dev/mp4/id00012/second/00001.mp4", "aaaa2222", GONE),
            processed("dev/mp4/id00013/other/00001.mp4", "bbbb1111", "id00013"),
            video(
                "dev/mp4/id00017/former/00001.mp4",
                "aaaa2222",
                "id00017",
                Tables.REJECTED,
                "same content as file:/in/dev/mp4/id00012/second/00001.mp4"));
    FaceVideoDataset two =
        publish(
            spark,
            one,
            // new bytes under the same name: the old ones lie in an earlier version
            processed("dev/mp4/id00012/second/00001.mp4", "aaaa3333", GONE),
            video(
                "dev/mp4/id00014/copy/00001.mp4",
                "aaaa1111",
                "id00014",
                Tables.REJECTED,
                "same content as file:/in/dev/mp4/id00012/first/00001.mp4"),
            processed("dev/mp4/id00015/third/00001.mp4", "cccc1111", "id00015"));
    new SelectJob(spark).run(uri, "all", new SubsetOptions(20, 1, 1));
    new RedundancyJob(spark).run(uri, 20);
    filled.embed(two);
    filled.embed(two);
    // what killed runs leave
    Path unfinished = filled.folder.resolve("dataset/subsets/unfinished");
    Files.createDirectories(unfinished.resolve("_delta_log"));
    Files.writeString(unfinished.resolve("part-0.parquet"), "aaaa1111-t0-c0000 of " + GONE);
    frame(spark, List.of(clip("aaaa2222", GONE, 7)), Tables.CLIPS)
        .write()
        .format("delta")
        .mode("append")
        .save(uri + "/clips");
    return filled;
  }

  void embed(FaceVideoDataset dataset) {
    dataset
        .clips()
        .selectExpr(
            "clip_id",
            "track_id",
            "video_id",
            "person_id",
            "0 first_frame",
            "array(1f, 2f) embedding")
        .write()
        .format("delta")
        .mode("overwrite")
        .option("userMetadata", "dataset and model")
        .save(embeddings());
  }

  /**
   * Another of the same content: Delta names its files relative to the table. All are dated a day
   * ahead, as by another machine whose clock is wrong.
   */
  ErasableDataset copy() throws IOException {
    Path target = Files.createTempDirectory("forget");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = target.resolve(folder.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
        Files.setLastModifiedTime(copy, FileTime.from(Instant.now().plus(Duration.ofDays(1))));
      }
    }
    return new ErasableDataset(spark, target);
  }

  @Override
  public void close() throws IOException {
    FileUtil.fullyDelete(folder.toFile());
  }

  /** Deletes what a test is not about, whose erasure takes commits. */
  void delete(String name) throws IOException {
    FileUtils.deleteDirectory(folder.resolve(name).toFile());
  }

  List<String> marks() {
    return List.of(
        folder.resolve("dataset").toFile().list((folder, name) -> name.startsWith("_erasure")));
  }

  ForgetJob job() {
    return new ForgetJob(spark, uri(), List.of(embeddings()), List.of());
  }

  FaceVideoDataset open() {
    return FaceVideoDataset.open(spark, uri());
  }

  String uri() {
    return folder.resolve("dataset").toUri().toString().replaceAll("/$", "");
  }

  String embeddings() {
    return folder.resolve("embeddings").toUri().toString().replaceAll("/$", "");
  }

  /** In which files each name and picture of the person's is found. */
  Map<String, List<String>> traces() throws IOException {
    Map<String, List<String>> traces =
        search(
            GONE,
            "first/00001",
            "second/00001",
            "copy/00001",
            "aaaa1111",
            "aaaa2222",
            "aaaa3333",
            "aaaa2222-t0-c0001");
    for (String video : VIDEOS_OF_GONE) {
      search("a frame of " + video, picture(video, 3), traces);
    }
    return traces;
  }

  Map<String, List<String>> search(String... names) throws IOException {
    Map<String, List<String>> found = new TreeMap<>();
    for (String name : names) {
      search(name, name.getBytes(StandardCharsets.UTF_8), found);
    }
    return found;
  }

  private void search(String name, byte[] wanted, Map<String, List<String>> found)
      throws IOException {
    String text = new String(wanted, StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, byte[]> file : files().entrySet()) {
      if (file.getKey().contains(name)
          || new String(file.getValue(), StandardCharsets.ISO_8859_1).contains(text)) {
        found.computeIfAbsent(name, key -> new ArrayList<>()).add(file.getKey());
      }
    }
  }

  Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  /** Every column of every row of the two who stay, pixels and all. */
  List<String> others() {
    FaceVideoDataset dataset = open();
    List<String> rows = new ArrayList<>();
    Stream.of(dataset.videos(), dataset.tracks(), dataset.clips())
        .forEach(
            table ->
                table
                    .where(OTHERS)
                    .toJSON() // binary as base64
                    .collectAsList()
                    .stream()
                    .sorted()
                    .forEach(rows::add));
    return rows;
  }
}
