package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.DatasetVersion;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.preprocess.Retry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The preprocessing job over what would break it, on executors that are processes. */
public class HostileVideosIT {

  private static final int HARMED = 512;
  private static final int HARMED_EACH_WAY = 32;
  private static final int SAMPLED_EACH_WAY = 2;
  private static final long SEED = 1;
  private static final int EXECUTORS = 2;
  private static final long MEBI = 1 << 20;
  private static final List<String> SETTINGS =
      List.of("preprocessing.isolation { stall-limit = 30s, memory-limit = 1GiB }");
  private static final String IMPATIENT =
      "preprocessing.isolation { stall-limit = 15s, memory-limit = 1GiB }";

  /** FFmpeg looks for a frame in it for more than half a minute. */
  private static final long HOLE = 6L << 30;

  private Path folder;
  private Path input;
  private List<Path> whole;
  private Path events;
  private TestCluster.Ended job;
  private TestCluster.Ended deadly;
  private PeakMemory memory;
  private MienConfiguration configuration;
  private SparkSession spark;

  @BeforeClass
  public void preprocess() throws Exception {
    folder = Files.createTempDirectory("hostile-videos").toRealPath();
    input = Files.createDirectory(folder.resolve("input"));
    events = Files.createDirectory(folder.resolve("events"));
    whole = HostileVideos.whole(input);
    HostileVideos.write(input, whole, HARMED);
    Path killers = Files.createDirectory(folder.resolve("deadly"));
    DeadlyVideos.endless(killers.resolve("endless.mkv"), HOLE);
    DeadlyVideos.greedy(killers.resolve("greedy.mp4"), 6);
    for (Path neighbour : List.of(whole.get(0), whole.get(1), whole.get(whole.size() - 1))) {
      Files.copy(neighbour, killers.resolve(neighbour.getFileName()));
    }

    try (TestCluster cluster = TestCluster.start(folder.resolve("cluster"), EXECUTORS, "1g")) {
      List<String> options = new ArrayList<>(TestCluster.COMPILED);
      options.addAll(
          List.of(
              "--conf",
              "spark.eventLog.enabled=true",
              "--conf",
              "spark.eventLog.rolling.enabled=false",
              "--conf",
              "spark.eventLog.compress=false",
              "--conf",
              "spark.eventLog.dir=" + events.toUri()));
      Process started = cluster.start(options, command("input", "dataset", SETTINGS.get(0)));
      memory = PeakMemory.during(started, cluster);
      job = TestCluster.end(started);
      // Hashing gigabytes is for the compiler that brief JVMs go without.
      deadly = cluster.run(TestCluster.LASTING, command("deadly", "deaths", IMPATIENT));
    }

    configuration = MienConfiguration.load(Optional.empty(), Optional.empty(), SETTINGS);
    spark = LocalSpark.open(configuration);
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    if (spark != null) {
      spark.stop();
    }
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void everyVideoEndsInOneOutcomeWithItsReason() throws Exception {
    assertThat(job.exit()).as(job.said()).isZero();
    List<Row> videos = videos("dataset").select("uri", "outcome", "reason").collectAsList();
    assertThat(videos)
        .extracting(video -> Path.of(video.getString(0).substring("file:".length())))
        .containsExactlyInAnyOrderElementsOf(files())
        .hasSize(HARMED + whole.size());
    assertThat(videos)
        .allSatisfy(
            video -> {
              assertThat(video.getString(1)).isIn("processed", "rejected", "quarantined");
              assertThat(video.getString(2).isEmpty())
                  .as("%s", video)
                  .isEqualTo(video.getString(1).equals("processed"));
            });
    assertThat(dataset("dataset").clips().select("video_id").distinct().collectAsList())
        .as("only what is processed has clips")
        .containsExactlyInAnyOrderElementsOf(
            videos("dataset").where("outcome = 'processed'").select("video_id").collectAsList());
  }

  @Test
  public void theOutcomeIsThatOfTheHarm() {
    Map<String, Map<String, Long>> outcomes =
        videos("dataset").select("uri", "outcome", "reason").collectAsList().stream()
            .collect(
                Collectors.groupingBy(
                    video -> harm(video.getString(0)),
                    TreeMap::new,
                    Collectors.groupingBy(
                        video ->
                            (video.getString(1) + ": " + video.getString(2))
                                .replaceAll(" *[0-9].*", ""),
                        TreeMap::new,
                        Collectors.counting())));
    Map<String, Long> intact = Map.of("processed: ", (long) whole.size() / 2);
    assertThat(outcomes).hasSize(HARMED / HARMED_EACH_WAY + 2);
    assertThat(outcomes.get("cap12")).isEqualTo(intact);
    assertThat(outcomes.get("cap13")).isEqualTo(intact);
    assertThat(outcomes.get("misnamed")).containsOnlyKeys("processed: ");
    assertThat(outcomes.get("empty")).containsOnlyKeys("quarantined: empty file");
    assertThat(outcomes.get("text"))
        .containsOnlyKeys(
            "quarantined: cannot be opened: Invalid data found when processing input");
    assertThat(outcomes.get("endless")).containsKey("quarantined: decoding stopped early:");
    assertThat(outcomes.get("huge")).containsKey("rejected: frame too large:");
    assertThat(outcomes.get("leaping")).containsKey("processed: ");
    assertThat(outcomes.get("rateless")).containsKey("processed: ");
    // An AVI's index is believed before its header.
    assertThat(outcomes.get("promising"))
        .containsOnlyKeys("processed: ", "quarantined: no frame decoded");
    assertThat(outcomes.get("frameless"))
        .containsKey("quarantined: decoding stopped early:")
        .doesNotContainKey("processed: ");
    assertThat(outcomes.values())
        .as("nothing killed a process or stopped one")
        .allSatisfy(
            harm ->
                assertThat(harm.keySet())
                    .noneMatch(
                        outcome ->
                            outcome.matches(".*: (decoding (?!stopped).*|out of memory.*)")));
  }

  /** What the others must not: they end their processes by what they are, and those alone. */
  @Test
  public void aVideoThatKillsItsProcessCostsItselfOnly() {
    assertThat(deadly.exit()).as(deadly.said()).isZero();
    assertThat(
            videos("deaths")
                .selectExpr("substring_index(uri, '/', -1)", "concat(outcome, ': ', reason)")
                .collectAsList())
        .extracting(
            video -> video.getString(0),
            video -> video.getString(1).replaceAll("at frame \\d+", "at frame n"))
        .containsExactlyInAnyOrder(
            tuple("endless.mkv", "quarantined: decoding hung: no frame for 15 s at frame n"),
            tuple("greedy.mp4", "quarantined: out of memory: more than 1 GiB"),
            tuple("cap12-copied.mkv", "processed: "),
            tuple("cap12-libopenh264.mp4", "processed: "),
            tuple("cap13-wmv2.wmv", "processed: "));
    assertThat(dataset("deaths").clips().count()).isEqualTo(3);
  }

  @Test
  public void noTaskFails() throws IOException {
    List<String> ends = new ArrayList<>();
    try (Stream<Path> logs = Files.list(events)) {
      for (String line : Files.readAllLines(logs.findFirst().orElseThrow())) {
        JsonObject event = JsonParser.parseString(line).getAsJsonObject();
        if (event.get("Event").getAsString().equals("SparkListenerTaskEnd")) {
          ends.add(event.getAsJsonObject("Task End Reason").get("Reason").getAsString());
        }
      }
    }
    assertThat(ends).hasSizeGreaterThan(10).containsOnly("Success");
  }

  @Test
  public void memoryIsBounded() {
    assertThat(memory.executors()).hasSizeGreaterThanOrEqualTo(EXECUTORS);
    assertThat(memory.executors().values())
        .as("a heap of 1 GiB, and Java's own")
        .allMatch(peak -> peak < 1536 * MEBI, "less than 1.5 GiB");
    assertThat(memory.decoders())
        .as("of a process that lives on from video to video and from task to task")
        .hasSize(EXECUTORS)
        .allSatisfy((process, peak) -> assertThat(peak).isBetween(100 * MEBI, 448 * MEBI));
  }

  @Test
  public void aSecondRunDoesNothing() throws IOException {
    DatasetVersion before = dataset("dataset").version();

    String said =
        new PreprocessJob(spark, configuration)
            .run(PreprocessInputs.of(input.toUri().toString()), uri("dataset"))
            .text();

    assertThat(said).contains(HARMED + whole.size() + " unchanged");
    assertThat(dataset("dataset").version()).isEqualTo(before);
  }

  @Test
  public void theSameVideosGiveTheSameElsewhere() throws IOException {
    List<Path> harmed = new ArrayList<>(files());
    harmed.removeAll(whole);
    Collections.sort(harmed);
    Collections.shuffle(harmed, new Random(SEED));
    Map<String, List<Path>> ways =
        harmed.stream()
            .collect(
                Collectors.groupingBy(
                    file -> harm(file.toString()), TreeMap::new, Collectors.toList()));
    List<String> lines = new ArrayList<>(List.of("uri"));
    ways.values()
        .forEach(way -> way.subList(0, SAMPLED_EACH_WAY).forEach(file -> lines.add("" + file)));
    Path list = Files.write(folder.resolve("sample.csv"), lines);

    new PreprocessJob(spark, configuration)
        .run(
            new PreprocessInputs(
                List.of(), List.of(list.toUri().toString()), Optional.empty(), Retry.PREVENTED),
            uri("again"));

    List<String> again = contents("again");
    assertThat(again).as("sample of seed %d", SEED).hasSizeGreaterThan(lines.size() - 1);
    assertThat(contents("dataset")).containsAll(again);
  }

  private List<String> command(String input, String dataset, String settings) {
    return List.of(
        "preprocess", "--input", uri(input), "--dataset", uri(dataset), "--set", settings);
  }

  /** What was done to a video, or which sample a whole one is of. */
  private static String harm(String file) {
    return file.replaceAll(".*/|-.*", "");
  }

  /** A row of text for each video and each clip, with all that is known of them. */
  private List<String> contents(String name) {
    return Stream.of(videos(name).drop("times"), dataset(name).clips())
        .flatMap(table -> table.selectExpr("to_json(struct(*))").collectAsList().stream())
        .map(row -> row.getString(0))
        .toList();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(input)) {
      return files.toList();
    }
  }

  private Dataset<Row> videos(String name) {
    return dataset(name).videos();
  }

  private FaceVideoDataset dataset(String name) {
    return FaceVideoDataset.open(spark, uri(name));
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
