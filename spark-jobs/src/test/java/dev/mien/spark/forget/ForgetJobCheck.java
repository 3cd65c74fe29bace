package dev.mien.spark.forget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.train.TrainingState;
import dev.mien.preprocessing.clip.Drawing;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.preprocess.PreprocessSummary;
import dev.mien.spark.redundancy.RedundancyJob;
import dev.mien.spark.redundancy.SelectJob;
import dev.mien.spark.redundancy.Subset;
import dev.mien.spark.redundancy.SubsetOptions;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.testng.annotations.AfterClass;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/**
 * Erasures, and after each a search through every file that is left. Files are written without
 * compression here, so that what is in them can be found. It takes minutes, and is run by name:
 * {@code mvn -pl spark-jobs -am test -Dtest=ForgetJobCheck
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
public class ForgetJobCheck {

  private static final String GONE = "id00012";
  private static final List<String> VIDEOS_OF_GONE = List.of("aaaa1111", "aaaa2222", "aaaa3333");
  private static final int SIDE = 64;
  private static final MienConfiguration CONFIGURATION =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of(
              "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 },"
                  + " decoder { width = 16, depth = 1, heads = 2 } }"));

  private SparkSession spark;
  private Path filled;
  private Path folder;

  @BeforeClass
  public void fill() throws IOException {
    spark = session();
    folder = Files.createTempDirectory("forget");
    filled = folder;
    FaceVideoDataset empty = FaceVideoDataset.openOrCreate(spark, dataset());
    FaceVideoDataset one =
        publish(
            empty,
            video("dev/mp4/id00012/first/00001.mp4", "aaaa1111", GONE, Tables.PROCESSED, ""),
            video("dev/mp4/id00012/second/00001.mp4", "aaaa2222", GONE, Tables.PROCESSED, ""),
            video("dev/mp4/id00013/other/00001.mp4", "bbbb1111", "id00013", Tables.PROCESSED, ""));
    FaceVideoDataset two =
        publish(
            one,
            // new bytes under the same name: the old ones lie in an earlier version
            video("dev/mp4/id00012/second/00001.mp4", "aaaa3333", GONE, Tables.PROCESSED, ""),
            video(
                "dev/mp4/id00014/copy/00001.mp4",
                "aaaa1111",
                "id00014",
                Tables.REJECTED,
                "same content as file:/in/dev/mp4/id00012/first/00001.mp4"),
            video("dev/mp4/id00015/third/00001.mp4", "cccc1111", "id00015", Tables.PROCESSED, ""));
    new SelectJob(spark).run(dataset(), "all", new SubsetOptions(20, 1, 1));
    new RedundancyJob(spark).run(dataset(), 20);
    embed(two);
    embed(two);
    Path summaries = Files.createDirectories(folder.resolve("dataset/summaries"));
    Files.writeString(
        summaries.resolve("one.json"), "slowest: file:/in/dev/mp4/id00012/first/00001.mp4");
    Files.writeString(summaries.resolve("two.json"), "slowest: none");
    // what a killed run leaves
    frame(List.of(clip("aaaa2222", GONE, 7)), Tables.CLIPS)
        .write()
        .format("delta")
        .mode("append")
        .save(dataset() + "/clips");
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    spark.stop();
    remove(filled);
  }

  /** Delta names its files relative to the table, so that a copy is a table too. */
  @BeforeMethod
  public void copy() throws IOException {
    folder = Files.createTempDirectory("forget");
    try (Stream<Path> files = Files.walk(filled)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(filled.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  @AfterMethod(alwaysRun = true)
  public void remove() throws IOException {
    remove(folder);
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  public void nothingOfAPersonIsLeftAndEverythingOfOthers() throws IOException {
    assertThat(traces().keySet())
        .as("what there is to be found before")
        .containsAll(
            List.of(GONE, "first/00001", "aaaa1111", "aaaa2222-t0-c0001", "a frame of aaaa2222"));
    List<String> others = others();
    long version = FaceVideoDataset.open(spark, dataset()).version().videos();

    ForgetReport report = job().run(new Subject.Person(GONE));

    assertThat(traces()).isEmpty();
    assertThat(others()).isEqualTo(others);
    assertThat(report.videos())
        .containsExactly(
            "file:/in/dev/mp4/id00012/first/00001.mp4",
            "file:/in/dev/mp4/id00012/second/00001.mp4",
            "file:/in/dev/mp4/id00014/copy/00001.mp4");
    assertThat(report.clips()).isEqualTo(4);
    assertThat(report.stores()).extracting(ForgetReport.Store::rows).containsExactly(4L, 4L);
    assertThat(Subset.clipIds(spark, dataset(), "all"))
        .containsExactlyInAnyOrder(
            "bbbb1111-t0-c0000", "bbbb1111-t0-c0001", "cccc1111-t0-c0000", "cccc1111-t0-c0001");
    FaceVideoDataset after = FaceVideoDataset.open(spark, dataset());
    assertThat(after.version().videos()).isGreaterThan(version);
    assertThatThrownBy(() -> FaceVideoDataset.open(spark, dataset(), version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no version " + version);
    assertThat(folder.resolve("dataset/_erasure")).doesNotExist();
    assertThat(folder.resolve("dataset/summaries/two.json")).exists();

    FaceVideoDataset next =
        publish(
            after, video("dev/mp4/id00016/new/00001.mp4", "dddd1111", "id00016", "processed", ""));
    assertThat(next.clips().count()).isEqualTo(6);
    assertThat(others()).containsAll(others);
  }

  @Test
  public void theForgottenAreNotTakenInAgain() throws IOException {
    job().run(new Subject.Person(GONE));

    Forgotten forgotten = Forgotten.read(spark, dataset());
    assertThat(forgotten.includes("file:/elsewhere/00009.mp4", GONE)).isTrue();
    assertThat(forgotten.includes("file:/in/dev/mp4/id00014/copy/00001.mp4", "id00014")).isTrue();
    assertThat(forgotten.includes("file:/in/dev/mp4/id00014/new/00001.mp4", "id00014")).isFalse();
    assertThat(forgotten.includes("file:/in/unknown.mp4", null)).isFalse();

    for (String person : List.of(GONE, "id00017")) {
      Path video = folder.resolve("in/dev/mp4/%s/new/00001.mp4".formatted(person));
      Files.createDirectories(video.getParent());
      Files.writeString(video, "no video, but listed");
    }
    PreprocessSummary summary =
        new PreprocessJob(spark, CONFIGURATION)
            .run(PreprocessInputs.of(folder.resolve("in").toString()), dataset());
    assertThat(summary.forgotten()).isEqualTo(1);
    assertThat(summary.text()).contains("1 forgotten, not taken in");
    assertThat(FaceVideoDataset.open(spark, dataset()).videos().where("person_id > 'id00015'"))
        .satisfies(videos -> assertThat(videos.select("person_id").collectAsList()).hasSize(1));

    job().lift(new Subject.Person(GONE));
    assertThat(Forgotten.read(spark, dataset()).includes("file:/elsewhere/00009.mp4", GONE))
        .isFalse();
    assertThatThrownBy(() -> job().lift(new Subject.Person(GONE)))
        .hasMessageContaining("has not forgotten person " + GONE);
  }

  @Test
  public void oneVideoGoesAloneAndADryRunChangesNothing() throws IOException {
    Subject video = new Subject.Video("file:/in/dev/mp4/id00013/other/00001.mp4");
    Map<String, byte[]> before = files();

    ForgetReport planned = job().plan(video);

    assertThat(planned.text()).startsWith("Would be forgotten: 1 videos, 1 tracks, 2 clips");
    assertThat(files()).usingRecursiveComparison().isEqualTo(before);
    assertThat(job().run(video).text()).startsWith("Forgotten: 1 videos, 1 tracks, 2 clips");
    assertThat(FaceVideoDataset.open(spark, dataset()).clips().count()).isEqualTo(6);
    assertThat(search(List.of("id00013", "bbbb1111", "other/00001"))).isEmpty();
    assertThatThrownBy(() -> job().plan(new Subject.Person("id99999")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("holds nothing of person id99999");
  }

  @Test
  public void runsThatSawThePersonAreNamed() throws IOException {
    long version = FaceVideoDataset.open(spark, dataset()).version().videos();
    String saw = run("saw", dataset(), version, "");
    String subset = run("subset", dataset(), version, "all");
    String never = run("never", dataset(), 0, "");
    String other = run("other", folder.resolve("another").toUri().toString(), version, "");

    List<String> said =
        new ForgetJob(spark, dataset(), List.of(), List.of(saw, subset, never, other))
            .plan(new Subject.Person(GONE))
            .runs();

    assertThat(said).hasSize(4);
    assertThat(said.get(0)).startsWith("Run " + saw + " was trained on it");
    assertThat(said.get(1)).startsWith("Run " + subset + " was trained on it");
    assertThat(said.get(2)).isEqualTo("Run " + never + " was not trained on it");
    assertThat(said.get(3)).contains("was trained on another dataset");
  }

  @Test
  public void nobodyPublishesMeanwhile() throws IOException {
    FaceVideoDataset opened = FaceVideoDataset.open(spark, dataset());
    Row row = video("dev/mp4/id00016/new/00001.mp4", "dddd1111", "id00016", "processed", "");

    ErasureMark.set(spark, dataset());
    assertThatThrownBy(() -> publish(opened, row))
        .isInstanceOf(ConcurrentPublicationException.class)
        .hasMessageContaining("an erasure is under way");

    job().run(new Subject.Person(GONE)); // also finishes one that left its mark
    assertThatThrownBy(() -> publish(opened, row))
        .as("a run that had opened the dataset before")
        .isInstanceOf(ConcurrentPublicationException.class);
  }

  /** Kills the process that erases, as soon as its first table is there. */
  @Test
  public void aKilledErasureIsFinishedByAnother() throws Exception {
    List<String> others = others();
    Process erasure = erasure();
    while (!Files.exists(folder.resolve("dataset/forgotten/_delta_log"))) {
      assertThat(erasure.isAlive()).as("it ended before it was killed").isTrue();
      Thread.onSpinWait();
    }
    erasure.destroyForcibly().waitFor();

    assertThat(others()).as("what others have, between").isEqualTo(others);
    job().run(new Subject.Person(GONE));
    assertThat(traces()).isEmpty();
    assertThat(others()).isEqualTo(others);
  }

  /** The process that is killed. */
  public static void main(String... arguments) throws IOException {
    try (SparkSession spark = session()) {
      new ForgetJob(spark, arguments[0], List.of(arguments[1]), List.of())
          .run(new Subject.Person(GONE));
    }
  }

  private Process erasure() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-"))
            .toList());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), ForgetJobCheck.class.getName()));
    command.addAll(List.of(dataset(), embeddings()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static SparkSession session() {
    SparkSession spark = LocalSpark.open(CONFIGURATION);
    spark.conf().set("spark.sql.parquet.compression.codec", "uncompressed");
    spark.conf().set("spark.databricks.delta.properties.defaults.checkpointInterval", "2");
    return spark;
  }

  private ForgetJob job() {
    return new ForgetJob(spark, dataset(), List.of(embeddings()), List.of());
  }

  private String dataset() {
    return folder.resolve("dataset").toUri().toString().replaceAll("/$", "");
  }

  private String embeddings() {
    return folder.resolve("embeddings").toUri().toString().replaceAll("/$", "");
  }

  private String run(String name, String dataset, long version, String subset) throws IOException {
    String run = folder.resolve(name).toUri().toString();
    MienConfiguration configuration =
        MienConfiguration.load(
            Optional.of("tiny"),
            Optional.empty(),
            List.of(
                "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 },"
                    + " decoder { width = 16, depth = 1, heads = 2 } }",
                "training.subset = \"" + subset + "\""));
    new Checkpoints(spark.sessionState().newHadoopConf(), run)
        .write(
            new Manifest(
                Manifest.FORMAT,
                1,
                1,
                "test",
                dataset,
                version,
                Map.of(),
                1,
                configuration.source(),
                "",
                Map.of(),
                Map.of()),
            TrainingState.initial(configuration.model(), 1));
    return run;
  }

  /** Where each name and picture of the person's is found. */
  private Map<String, List<String>> traces() throws IOException {
    Map<String, List<String>> traces =
        search(
            List.of(
                GONE,
                "first/00001",
                "second/00001",
                "copy/00001",
                "aaaa1111",
                "aaaa2222",
                "aaaa3333",
                "aaaa2222-t0-c0001"));
    for (String video : VIDEOS_OF_GONE) {
      search("a frame of " + video, picture(video, 3), traces);
    }
    return traces;
  }

  private Map<String, List<String>> search(List<String> names) throws IOException {
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

  private Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  /** Every column of every row of the two who stay, pixels and all. */
  private List<String> others() {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, dataset());
    List<String> rows = new ArrayList<>();
    Stream.of(dataset.videos(), dataset.tracks(), dataset.clips())
        .forEach(
            table ->
                table
                    .where("person_id in ('id00013', 'id00015')")
                    .toJSON() // binary as base64
                    .collectAsList()
                    .stream()
                    .sorted()
                    .forEach(rows::add));
    return rows;
  }

  private FaceVideoDataset publish(FaceVideoDataset dataset, Row... videos) {
    List<Row> tracks = new ArrayList<>();
    List<Row> clips = new ArrayList<>();
    for (Row video : videos) {
      if (video.getString(Tables.VIDEOS.fieldIndex("outcome")).equals(Tables.PROCESSED)) {
        tracks.add(track(video.getString(0), video.getString(5)));
        clips.add(clip(video.getString(0), video.getString(5), 0));
        clips.add(clip(video.getString(0), video.getString(5), 1));
      }
    }
    return dataset.publish(
        frame(List.of(videos), Tables.VIDEOS),
        frame(tracks, Tables.TRACKS),
        frame(clips, Tables.CLIPS));
  }

  private org.apache.spark.sql.Dataset<Row> frame(List<Row> rows, StructType columns) {
    return spark.createDataFrame(rows, columns).coalesce(1);
  }

  private void embed(FaceVideoDataset dataset) {
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

  private static Row video(String path, String id, String person, String outcome, String reason) {
    return RowFactory.create(
        id,
        "file:/in/" + path,
        1L,
        2L,
        id + "-hash",
        person,
        "dev",
        null,
        null,
        400,
        300,
        25.0,
        2.0,
        "h264",
        0,
        50,
        50,
        1,
        2,
        100L,
        outcome,
        reason,
        Map.of(),
        new Object[0],
        "pipeline",
        RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
  }

  private static Row track(String videoId, String person) {
    return RowFactory.create(
        videoId + "-t0",
        videoId,
        person,
        0,
        0,
        2,
        0L,
        40L,
        new long[] {0, 40},
        new float[8],
        new float[2],
        new Row[] {RowFactory.create(0, picture(videoId, 9), 1.0)},
        quality());
  }

  private static Row clip(String videoId, String person, int index) {
    return RowFactory.create(
        "%s-t0-c%04d".formatted(videoId, index),
        videoId + "-t0",
        videoId,
        person,
        "dev",
        index,
        2,
        SIDE,
        SIDE,
        25.0,
        new long[] {0, 40},
        "jpeg",
        IntStream.of(2 + index, 4 + index).mapToObj(i -> picture(videoId, i)).toArray(),
        new byte[2 * 56 * 56],
        new byte[0],
        quality(),
        new SplittableRandom(videoId.hashCode() + index).longs(4).toArray());
  }

  private static Row quality() {
    return RowFactory.create(1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f);
  }

  /** Noise, which no other picture has. */
  private static byte[] picture(String videoId, int number) {
    byte[] pixels = new byte[SIDE * SIDE * 3];
    new SplittableRandom(31 * videoId.hashCode() + number).nextBytes(pixels);
    return Drawing.jpeg(ByteBuffer.wrap(pixels), SIDE, SIDE);
  }
}
