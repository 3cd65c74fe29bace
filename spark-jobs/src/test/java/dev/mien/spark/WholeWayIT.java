package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * The jobs as a user runs them, by {@code spark-submit} from the application jar, on a master and
 * two workers that are processes of their own, over the sample videos and some broken ones.
 */
public class WholeWayIT {

  /** Small enough for seconds, whole enough to use every part. */
  private static final List<String> SMALL =
      List.of(
          "--preset",
          "tiny",
          "--set",
          "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 }, decoder {"
              + " width = 16, depth = 1, heads = 2 } }",
          "--set",
          "training { epochs = 10, local-steps = 3, batch-size = 2, windows-per-clip = 2,"
              + " validate-every = 3, checkpoint-every = 4 }");

  /** Whose start takes longer than its work. */
  private static final List<String> ONE_EXECUTOR = List.of("--total-executor-cores", "1");

  private final Configuration hadoop = new Configuration();
  private Path folder;
  private TestCluster cluster;
  private SparkSession spark;

  @BeforeClass
  public void startCluster() throws Exception {
    // It stays until the next run: the notebooks are checked on what was made here.
    folder = Path.of("target/whole-way").toAbsolutePath();
    FileUtil.fullyDelete(folder.toFile());
    cluster = TestCluster.start(folder.resolve("cluster"), 2, "2g");
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));

    Path input = folder.resolve("input/dev/mp4");
    Path cap12 = Files.createDirectories(input.resolve("id90001/cap12"));
    Path cap13 = Files.createDirectories(input.resolve("id90001/cap13"));
    TestVideos.copy(TestVideos.CAP12, cap12.resolve("00001.mp4"), "mp4", 8 * 64, 1);
    TestVideos.copy(TestVideos.CAP13, cap13.resolve("00001.mp4"), "mp4", 5 * 64, 1);
    Path broken = Files.createDirectories(input.resolve("id90002/broken"));
    Files.createFile(broken.resolve("empty.mp4"));
    Files.writeString(broken.resolve("text.mp4"), "This is not a video.");
    Files.copy(input.resolve("id90001/cap13/00001.mp4"), broken.resolve("same-as-cap13.mp4"));
  }

  @AfterClass(alwaysRun = true)
  public void stopCluster() throws IOException {
    if (spark != null) {
      spark.stop();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  public void everyVideoEndsInOneOutcomeWithItsReason() throws Exception {
    String said =
        mien(
            "preprocess",
            "--input",
            uri("input"),
            "--dataset",
            uri("dataset"),
            "--set",
            "dataset.row-group-size = 4MiB");

    Map<String, String> outcomes = new TreeMap<>();
    for (Row row : dataset("dataset").videos().select("uri", "outcome", "reason").collectAsList()) {
      String name = row.getString(0).substring(row.getString(0).indexOf("/mp4/") + 5);
      outcomes.put(name, row.getString(1) + ": " + row.getString(2));
    }
    assertThat(outcomes)
        .hasSize(5)
        .containsEntry("id90001/cap12/00001.mp4", "processed: ")
        .containsEntry("id90001/cap13/00001.mp4", "processed: ")
        .containsEntry("id90002/broken/empty.mp4", "quarantined: empty file");
    assertThat(outcomes.get("id90002/broken/text.mp4")).startsWith("quarantined: ");
    assertThat(outcomes.get("id90002/broken/same-as-cap13.mp4"))
        .startsWith("rejected: same content as ")
        .endsWith("id90001/cap13/00001.mp4");
    assertThat(said).contains("13 clips");
    assertThat(
            ClipIndex.read(spark, dataset("dataset")).clips().stream()
                .collect(
                    Collectors.groupingBy(
                        clip -> clip.location().rowGroup(), Collectors.counting())))
        .as("clips of about 600 KiB in row groups of 4 MiB")
        .hasSizeBetween(2, 7)
        .allSatisfy((rowGroup, clips) -> assertThat(clips).isBetween(1L, 7L));
    assertThat(dataset("dataset").clips().select("clip_id").distinct().count()).isEqualTo(13);
  }

  @Test(dependsOnMethods = "everyVideoEndsInOneOutcomeWithItsReason")
  public void trainingLowersTheHeldOutLoss() throws Exception {
    String said = mien(List.of("--total-executor-cores", "2"), pretrain("quiet"));

    List<Double> validation = losses("quiet", MetricsLog.VALIDATION);
    assertThat(said).contains("8 clips to train on, 5 held out by tracks");
    assertThat(validation).hasSizeGreaterThan(3);
    assertThat(validation.get(validation.size() - 1)).isLessThan(0.8 * validation.get(0));
  }

  @Test(dependsOnMethods = "trainingLowersTheHeldOutLoss", priority = 1)
  public void aKilledRunResumesToTheSameLosses() throws Exception {
    Process driver = cluster.start(ONE_EXECUTOR, pretrain("killed"));
    RunsOfEight.awaitRounds(hadoop, uri("killed"), driver, 6);
    driver.destroyForcibly().waitFor();

    List<String> resume = new ArrayList<>(pretrain("killed"));
    resume.add("--resume");
    String said = mien(ONE_EXECUTOR, resume);

    assertThat(said).containsPattern("Resuming after round (4|8|12)\\b");
    assertSameTraining("killed");
  }

  @Test(dependsOnMethods = "trainingLowersTheHeldOutLoss")
  public void embeddingsAndTheReportComeOfIt() throws Exception {
    mien(
        ONE_EXECUTOR,
        List.of(
            "embed",
            "--dataset",
            uri("dataset"),
            "--model",
            uri("quiet"),
            "--output",
            uri("embeddings")));
    Path report = folder.resolve("report.html");
    mien(
        ONE_EXECUTOR,
        List.of(
            "inspect",
            "--dataset",
            uri("dataset"),
            "--run",
            uri("quiet"),
            "--embeddings",
            uri("embeddings"),
            "--output",
            report.toString()));

    Dataset<Row> table = spark.read().format("delta").load(uri("embeddings"));
    SchemaPage.assertDescribes("embeddings", table.schema());
    List<Row> embeddings = table.collectAsList();
    assertThat(embeddings).hasSize(26);
    assertThat(embeddings)
        .allSatisfy(
            row ->
                assertThat(row.<Float>getList(row.fieldIndex("embedding")))
                    .hasSize(32)
                    .allMatch(value -> Float.isFinite(value)));
    assertThat(Files.readString(report)).contains("id90001", "data:image/jpeg;base64,");
    for (String written : List.of("dataset", "quiet", "embeddings")) {
      assertKeptFromOthers(folder.resolve(written));
    }
    // .ci/run checks the notebooks from here on.
    Files.writeString(folder.resolve("done"), "");
  }

  /** Whatever the mask of the processes that write it. */
  private static void assertKeptFromOthers(Path written) throws IOException {
    try (Stream<Path> files = Files.walk(written)) {
      assertThat(files)
          .hasSizeGreaterThan(5)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .as(file.toString())
                      .endsWith("---"));
    }
  }

  @Test
  public void aWrongConfigurationIsAnErrorBeforeAnythingStarts() throws Exception {
    List<String> arguments = new ArrayList<>(pretrain("never"));
    arguments.addAll(List.of("--set", "training.batch-size = 0", "--set", "training.tau = 5"));
    TestCluster.Ended job = cluster.run(List.of(), arguments);

    assertThat(job.exit()).as(job.said()).isEqualTo(2);
    assertThat(job.said())
        .contains("Unknown key: training.tau")
        .contains("Invalid training.batch-size: 0");
    assertThat(Files.exists(folder.resolve("never"))).isFalse();
  }

  private void assertSameTraining(String run) throws IOException {
    assertThat(losses(run, MetricsLog.ROUND)).isEqualTo(losses("quiet", MetricsLog.ROUND));
    assertThat(losses(run, MetricsLog.VALIDATION))
        .isEqualTo(losses("quiet", MetricsLog.VALIDATION));
    assertThat(Checkpoints.model(hadoop, uri(run)).parameters())
        .isEqualTo(Checkpoints.model(hadoop, uri("quiet")).parameters());
  }

  private List<Double> losses(String run, String kind) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (JsonObject line : MetricsLog.read(hadoop, uri(run))) {
      if (line.get("kind").getAsString().equals(kind)) {
        losses.add(line.get("loss").getAsDouble());
      }
    }
    return losses;
  }

  private FaceVideoDataset dataset(String name) {
    return FaceVideoDataset.open(spark, uri(name));
  }

  private List<String> pretrain(String run) {
    List<String> arguments = new ArrayList<>(List.of("pretrain"));
    arguments.addAll(List.of("--dataset", uri("dataset"), "--run", uri(run)));
    arguments.addAll(SMALL);
    return arguments;
  }

  private String mien(String... job) throws Exception {
    return mien(List.of(), List.of(job));
  }

  private String mien(List<String> submitOptions, List<String> job) throws Exception {
    TestCluster.Ended ended = cluster.run(submitOptions, job);
    assertThat(ended.exit()).as(ended.said()).isZero();
    return ended.said();
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
