package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.spark.TestCluster.Ended;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.EventFiles;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;

/** A small dataset, runs of eight replicas on it, and a cluster of two workers to kill. */
final class RunsOfEight implements AutoCloseable {

  /** Rounds of a run unless a test sets something else. */
  static final int ROUNDS = 12;

  /** As runs are averaged unless a test sets something else: the driver takes the outer step. */
  static final String KEPT_MOMENTS = "averaging { inner-state = local, outer.kind = nesterov }";

  /** The default, where a round begins with what executors hold of the average. */
  static final String AVERAGED_MOMENTS = "averaging { inner-state = average, outer.kind = none }";

  /** What a round takes, about. */
  private static final int ROUND_MILLIS = 1000;

  /** Twelve to train on, and those whom the seed holds out. */
  private static final int PEOPLE = 15;

  private static final int SHARDS = 3;
  private static final int FRAMES = 8;

  private static final List<String> SMALL =
      List.of(
          "model { image = 56, patch = 14, frames = 4, encoder { width = 32, depth = 1, heads = 2"
              + " }, decoder { width = 16, depth = 1, heads = 2 } }",
          "training { replicas = 8, epochs = 4, local-steps = 2, batch-size = 1, stride = 1,"
              + " windows-per-clip = 4, validate-every = 5, checkpoint-every = 2, retry-time = 0s,"
              + " checkpoints-kept = 2, validation-pictures = 4 }",
          KEPT_MOMENTS);

  /** Of the names of replicas' files. */
  private static final Pattern ATTEMPT = Pattern.compile("(?<=^replica-\\d{5})-[\\w-]+");

  private static final Set<String> SHOWN =
      Set.of("round/loss", "round/learning_rate", "round/drift", "validation/loss");

  private final Configuration hadoop = new Configuration();
  private final Path folder;
  private final TestCluster cluster;

  private RunsOfEight(Path folder, TestCluster cluster) {
    this.folder = folder;
    this.cluster = cluster;
  }

  static RunsOfEight start() throws IOException {
    Path folder = Files.createTempDirectory("rounds");
    NoiseDataset.write(
        folder.resolve("dataset").toUri().toString(), PEOPLE, SHARDS, FRAMES, RegionMapper.CELLS);
    return new RunsOfEight(folder, TestCluster.start(folder.resolve("cluster"), 2, "2g"));
  }

  TestCluster cluster() {
    return cluster;
  }

  Path folder() {
    return folder;
  }

  /** The command line of a run on the dataset. */
  List<String> pretrain(String run, String... settings) {
    return pretrainOn("dataset", run, settings);
  }

  List<String> pretrainOn(String dataset, String run, String... settings) {
    return job(uri(dataset), uri(run), settings);
  }

  /** The command line of a run, wherever it and its dataset are. */
  static List<String> job(String dataset, String run, String... settings) {
    List<String> job = new ArrayList<>(List.of("pretrain", "--preset", "tiny"));
    job.addAll(List.of("--dataset", dataset, "--run", run));
    Stream.concat(SMALL.stream(), Arrays.stream(settings))
        .forEach(setting -> job.addAll(List.of("--set", setting)));
    return job;
  }

  /** The same settings, for what is done with them in this process. */
  static MienConfiguration configuration(String... settings) {
    return MienConfiguration.load(
        Optional.of("tiny"),
        Optional.empty(),
        Stream.concat(SMALL.stream(), Arrays.stream(settings)).toList());
  }

  /** Copies a folder, a dataset's or a run's. */
  void copy(String from, String to) throws IOException {
    FileUtils.copyDirectory(folder.resolve(from).toFile(), folder.resolve(to).toFile());
  }

  Ended resume(String run, String... settings) throws IOException, InterruptedException {
    return cluster.run(List.of(), resuming(run, settings));
  }

  /**
   * Starts a killed run again, until it has logged something itself: what it finds may be of rounds
   * that it trains once more.
   */
  Process startAgain(String run, String... settings) throws IOException {
    FileTime found = logged(run);
    Process job = cluster.start(List.of(), resuming(run, settings));
    await()
        .atMost(10, TimeUnit.MINUTES)
        .failFast("the run ended before its time", () -> !job.isAlive())
        .until(() -> logged(run).compareTo(found) > 0);
    return job;
  }

  private List<String> resuming(String run, String... settings) {
    List<String> job = pretrain(run, settings);
    job.add("--resume");
    return job;
  }

  /** When a run, of less than a thousand rounds, has last logged something. */
  private FileTime logged(String run) throws IOException {
    return Files.getLastModifiedTime(folder.resolve(run).resolve("metrics/part-00000000.jsonl"));
  }

  /** What a run has logged of its rounds so far. */
  List<JsonObject> rounds(String run) throws IOException {
    return rounds(hadoop, uri(run));
  }

  private static List<JsonObject> rounds(Configuration hadoop, String run) throws IOException {
    return MetricsLog.read(hadoop, run).stream()
        .filter(line -> line.get("kind").getAsString().equals(MetricsLog.ROUND))
        .toList();
  }

  /** Until a run has finished so many rounds; the next one is under way then. */
  void awaitRounds(String run, Process job, int finished) {
    awaitRounds(hadoop, uri(run), job, finished);
  }

  /**
   * Until so many rounds are finished, and some part of the next one, as drawn: what is done then
   * comes in its training or in its exchange.
   */
  void awaitMoment(String run, Process job, int finished, Random random) {
    awaitRounds(run, job, finished);
    await()
        .pollDelay(Duration.ofMillis(random.nextInt(ROUND_MILLIS)))
        .atMost(1, TimeUnit.MINUTES)
        .until(() -> true);
  }

  /** The executors of a job, of which there is one at least. */
  List<ProcessHandle> awaitExecutors(Process job) {
    return awaitExecutors(job, 1);
  }

  /** The executors of a job, once there are so many. */
  List<ProcessHandle> awaitExecutors(Process job, int count) {
    return await()
        .atMost(2, TimeUnit.MINUTES)
        .failFast("the run ended before its time", () -> !job.isAlive())
        .until(cluster::executors, executors -> executors.size() >= count);
  }

  /** The same of a run anywhere. */
  static void awaitRounds(Configuration hadoop, String run, Process job, int finished) {
    await()
        .atMost(10, TimeUnit.MINUTES)
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .failFast("the run ended before its time", () -> !job.isAlive())
        .until(() -> rounds(hadoop, run).size() >= finished);
  }

  /** The same figures of the same rounds, and the same bytes at the end. */
  void assertSame(String run, String quiet, Ended ended) throws Exception {
    assertThat(ended.exit()).as(ended.said()).isZero();
    for (String figure : List.of("round", "step", "loss", "drift", "update_norm")) {
      assertThat(rounds(run).stream().map(line -> line.get(figure)))
          .as(figure)
          .isEqualTo(rounds(quiet).stream().map(line -> line.get(figure)).toList());
    }
    assertThat(shown(run)).as("in TensorBoard").isEqualTo(shown(quiet)).isNotEmpty();
    String last = "round-%08d".formatted(rounds(quiet).size());
    assertThat(sums(run, last)).isEqualTo(sums(quiet, last));
  }

  /** What TensorBoard shows that does not depend on the machine's pace. */
  private List<String> shown(String run) throws IOException {
    return EventFiles.shown(hadoop, uri(run)).stream()
        .filter(shown -> SHOWN.contains(shown.name()) || shown.value().hasImage())
        .map(shown -> shown.step() + " " + shown.value())
        .toList();
  }

  /** The sha256 of each file of a checkpoint, whichever of a replica's attempts wrote it. */
  private SortedMap<String, String> sums(String run, String checkpoint) throws Exception {
    SortedMap<String, String> sums = new TreeMap<>();
    for (String name : files(run, checkpoint)) {
      byte[] bytes = Files.readAllBytes(inCheckpoint(run, checkpoint).resolve(name));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      sums.put(ATTEMPT.matcher(name).replaceFirst(""), new BigInteger(1, digest).toString(16));
    }
    return sums;
  }

  /** A file of a checkpoint by the beginning of its name, as its manifest has it. */
  Path file(String run, String checkpoint, String beginning) throws IOException {
    return files(run, checkpoint).stream()
        .filter(name -> name.startsWith(beginning))
        .map(inCheckpoint(run, checkpoint)::resolve)
        .findFirst()
        .orElseThrow();
  }

  private Set<String> files(String run, String checkpoint) throws IOException {
    String uri = uri(run) + "/checkpoints/" + checkpoint;
    return Checkpoints.manifest(hadoop, new org.apache.hadoop.fs.Path(uri)).files().keySet();
  }

  private Path inCheckpoint(String run, String checkpoint) {
    return folder.resolve(run).resolve("checkpoints").resolve(checkpoint);
  }

  String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }

  @Override
  public void close() throws IOException {
    cluster.close();
    FileUtil.fullyDelete(folder.toFile());
  }
}
