package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.TestVideos;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.testng.SkipException;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The nightly batch, and the cluster that {@code deploy/standalone} starts for it. */
public class NightlyIT {

  private Path folder;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("nightly");
  }

  @AfterMethod(alwaysRun = true)
  public void deleteFolder() throws IOException {
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aNightOnTheStandaloneClusterTellsOfTooManyFailures() throws Exception {
    Path videos = Files.createDirectories(folder.resolve("videos/id90001/cap12"));
    TestVideos.copy(TestVideos.CAP12, videos.resolve("00001.mp4"), "mp4", 40, 1);
    Files.writeString(videos.resolve("00002.mp4"), "This is not a video.");
    Path old = Files.createDirectories(folder.resolve("state/reports")).resolve("old.html");
    Files.writeString(old, "A report.");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(9))));
    Path settings =
        settings(
            "submit=(--driver-memory 1g --executor-memory 1g --total-executor-cores 1"
                + " --conf spark.sql.shuffle.partitions=1"
                + " --conf spark.databricks.delta.snapshotPartitions=1"
                + " --conf spark.sql.codegen.wholeStage=false"
                + " --conf spark.sql.codegen.factoryMode=NO_CODEGEN"
                + " --conf spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1)",
            "job=(--set 'training.seed = 7')",
            "keep_days=7");

    Map<String, String> cluster = new HashMap<>();
    cluster.put("SPARK_HOME", Path.of(System.getProperty("mien.spark.home")).toString());
    cluster.put("MIEN_STATE", folder.resolve("cluster").toString());
    cluster.put("SPARK_MASTER_PORT", freePort());
    cluster.put("SPARK_MASTER_WEBUI_PORT", freePort());
    cluster.put("SPARK_WORKER_CORES", "1");
    cluster.put("SPARK_WORKER_MEMORY", "1g");
    cluster.put("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1");
    try {
      Script.Ended started = Script.run(cluster, "standalone/start", "2");
      assertThat(started.exit()).as(started.said()).isZero();
      assertThat(started.said()).contains("has 2 workers");
      assertThat(Script.run(cluster, "standalone/start").said()).contains("A cluster runs here");
      Map<String, String> another = new HashMap<>(cluster);
      another.put("MIEN_STATE", folder.resolve("another").toString());
      Script.Ended taken = Script.run(another, "standalone/start");
      assertThat(taken.exit()).as(taken.said()).isOne();
      assertThat(taken.said()).contains("Port " + cluster.get("SPARK_MASTER_PORT"), "is taken");
      Path secret = folder.resolve("cluster/conf/spark-defaults.conf");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
          .isEqualTo("rw-------");
      assertThat(PresetsTest.read(secret))
          .containsAllEntriesOf(PresetsTest.ENCRYPTED)
          .doesNotContainKey(PresetsTest.CIPHER);

      cluster.put("SPARK_CONF_DIR", secret.getParent().toString());
      Script.Ended night = Script.run(cluster, "schedule/nightly", settings.toString());
      assertThat(night.exit()).as(night.said()).isEqualTo(3);
    } finally {
      List<ProcessHandle> processes = processes(folder.resolve("cluster"));
      Script.Ended stopped = Script.run(cluster, "standalone/stop");
      assertThat(stopped.said()).contains("Stopped 3 processes");
      assertThat(processes).hasSize(3);
      for (ProcessHandle process : processes) {
        process.onExit().join();
      }
    }

    Path summary = only("state/summaries");
    JsonObject outcomes =
        JsonParser.parseString(Files.readString(summary))
            .getAsJsonObject()
            .getAsJsonObject("outcomes");
    assertThat(outcomes.get("processed").getAsInt()).isEqualTo(1);
    assertThat(outcomes.size()).isEqualTo(2);
    assertThat(only("state/reports").toString()).doesNotEndWith("old.html");
    assertThat(Files.readString(folder.resolve("state/reports/latest.html"))).contains("<html");
    assertThat(Files.readString(folder.resolve("told")))
        .isEqualTo("3 preprocess " + summary + "\n");
  }

  @Test
  public void whereNothingWasEverStartedThereIsNothingToStop() throws Exception {
    Path state = folder.resolve("cluster");
    Map<String, String> environment =
        Map.of("SPARK_HOME", System.getProperty("mien.spark.home"), "MIEN_STATE", state.toString());
    Script.Ended ended = Script.run(environment, "standalone/stop");
    assertThat(ended.exit()).as(ended.said()).isZero();
    assertThat(ended.said()).isEqualTo("Nothing runs here\n");
    assertThat(state).doesNotExist();
  }

  @Test
  public void whileOneRunsAnotherSaysSoEvenAfterItsScriptIsKilled() throws Exception {
    Path submit = folder.resolve("spark/bin/spark-submit");
    new ProcessBuilder("mkfifo", folder + "/begun", folder + "/go").start().waitFor();
    Script.program(submit, "echo begun >" + folder + "/begun; cat " + folder + "/go");
    Map<String, String> environment = Map.of("SPARK_HOME", folder.resolve("spark").toString());
    Path settings = settings();

    Process first = Script.of(environment, "schedule/nightly", settings.toString()).start();
    Files.readString(folder.resolve("begun"));
    List<ProcessHandle> jobs = first.descendants().toList();
    Script.Ended second = Script.run(environment, "schedule/nightly", settings.toString());
    assertThat(second.exit()).isEqualTo(75);
    assertThat(second.said()).contains("Another run has not ended: it holds " + folder);
    assertThat(Files.readString(folder.resolve("told"))).startsWith("75 lock ");

    first.destroyForcibly().waitFor();
    assertThat(Script.run(environment, "schedule/nightly", settings.toString()).exit())
        .isEqualTo(75);
    try (OutputStream go = Files.newOutputStream(folder.resolve("go"))) {
      go.write('\n');
    }
    for (ProcessHandle job : jobs) {
      job.onExit().join();
    }
    Script.program(submit, "exit 0");
    assertThat(Script.run(environment, "schedule/nightly", settings.toString()).exit()).isZero();
  }

  @Test
  public void jobsAreThoseThatMienHasAndTheFirstFailureEndsTheNight() throws Exception {
    Path said = folder.resolve("said");
    Path submit = folder.resolve("spark/bin/spark-submit");
    String record = "printf '%s\\0' \"$@\" >>" + said + "; echo >>" + said;
    Map<String, String> environment = Map.of("SPARK_HOME", folder.resolve("spark").toString());
    Path settings =
        settings(
            "lists=(file:///lists/vox.csv)",
            "model=file:///runs/1",
            "embeddings=file:///embeddings",
            "submit=(--master yarn --num-executors 2)",
            "job=(--set 'training.seed = 7')");

    Script.program(submit, record);
    assertThat(Script.run(environment, "schedule/nightly", settings.toString()).exit()).isZero();
    List<List<String>> calls = calls(said);
    assertThat(calls).hasSize(4);
    for (List<String> call : calls) {
      assertThat(call.subList(0, 4)).containsExactly("--master", "yarn", "--num-executors", "2");
    }
    assertThat(calls.stream().map(NightlyIT::job).map(Script::parse))
        .extracting(job -> job.commandSpec().name())
        .containsExactly("preprocess", "embed", "inspect", "vacuum");

    Files.delete(said);
    Script.program(submit, record + "; [[ \" $* \" != *' embed '* ]] || exit 1");
    assertThat(Script.run(environment, "schedule/nightly", settings.toString()).exit())
        .isEqualTo(1);
    assertThat(calls(said)).hasSize(2);
    assertThat(Files.readString(folder.resolve("told"))).startsWith("1 embed ");
  }

  @DataProvider
  public Object[][] afterTooManyFailures() {
    return new Object[][] {{0, List.of()}, {1, List.of("1 embed ")}};
  }

  @Test(dataProvider = "afterTooManyFailures")
  public void tooManyFailuresAreToldAtOnceAndWhateverFollowsCannotHideThem(
      int embed, List<String> later) throws Exception {
    Path before = folder.resolve("told-before-embed");
    Script.program(
        folder.resolve("spark/bin/spark-submit"),
        """
        case " $* " in
          *' preprocess '*) exit 3 ;;
          *' embed '*) cp %s %s; exit %d ;;
        esac"""
            .formatted(folder.resolve("told"), before, embed));
    Map<String, String> environment = Map.of("SPARK_HOME", folder.resolve("spark").toString());
    Path settings = settings("model=file:///runs/1", "embeddings=file:///embeddings");

    Script.Ended ended = Script.run(environment, "schedule/nightly", settings.toString());
    assertThat(ended.exit()).as(ended.said()).isEqualTo(3);
    assertThat(before).content().startsWith("3 preprocess " + folder.resolve("state/summaries"));
    List<String> told = told();
    assertThat(told).first().asString().isEqualTo(Files.readString(before).strip());
    assertThat(told).hasSize(1 + later.size());
    for (int i = 0; i < later.size(); i++) {
      assertThat(told.get(1 + i)).startsWith(later.get(i));
    }
  }

  @Test
  public void theSettingsThatAreShippedLeadToYarn() throws Exception {
    Path said = folder.resolve("said");
    Script.program(
        folder.resolve("spark/bin/spark-submit"),
        "printf '%s\\0' \"$HADOOP_CONF_DIR\" \"$@\" >>" + said + "; echo >>" + said);
    String shipped = Files.readString(Script.DEPLOY.resolve("schedule/nightly.conf"));
    Path settings =
        Files.writeString(
            folder.resolve("shipped.conf"),
            shipped
                .replace("/opt/spark", folder.resolve("spark").toString())
                .replace("/opt/mien", Script.DEPLOY.getParent().toString())
                .replace("/var/lib/mien/nightly", folder.resolve("state").toString()));

    Script.Ended ended = Script.run(Map.of(), "schedule/nightly", settings.toString());
    assertThat(ended.exit()).as(ended.said()).isZero();
    List<List<String>> calls = calls(said);
    assertThat(calls).hasSize(3);
    for (List<String> call : calls) {
      assertThat(call).startsWith("/etc/hadoop/conf", "--master", "yarn");
      assertThat(Path.of(call.get(call.indexOf("--properties-file") + 1))).isRegularFile();
      Script.parse(job(call));
    }
  }

  @Test
  public void settingsThatCannotBeAreNamed() throws Exception {
    for (Map.Entry<String, String> wrong :
        Map.of(
                "dataset=''", "Missing in ",
                "state=here", "Invalid state: 'here'",
                "model=file:///runs/1", "embeddings, since there is a model",
                "keep_days=week", "Invalid keep_days: week",
                "keep_versions_days=3", "Invalid keep_versions_days: 3 (must be in [7,30])",
                "submit=(--deploy-mode cluster)", "Invalid submit: deploy mode cluster")
            .entrySet()) {
      Script.Ended ended =
          Script.run(Map.of(), "schedule/nightly", settings(wrong.getKey()).toString());
      assertThat(ended.exit()).as(wrong.getKey()).isEqualTo(2);
      assertThat(ended.said()).contains(wrong.getValue());
      assertThat(told()).as(wrong.getKey()).containsExactly("2 settings ");
    }
  }

  @Test
  public void aNightThatCannotBeginIsTold() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "No folder can be made below this.");
    Path settings = settings("state=" + file.resolve("state"));
    Script.Ended ended = Script.run(Map.of(), "schedule/nightly", settings.toString());
    assertThat(ended.exit()).as(ended.said()).isEqualTo(1);
    assertThat(told()).containsExactly("1 settings ");
  }

  @Test
  public void yarnIsAskedForJobsThatMienHas() throws Exception {
    Script.program(folder.resolve("spark/bin/spark-submit"), "printf '%s\\0' \"$@\"");
    Map<String, String> environment =
        Map.of(
            "SPARK_HOME", folder.resolve("spark").toString(),
            "HADOOP_CONF_DIR", folder.toString());
    Script.Ended preprocess =
        Script.run(
            environment,
            "yarn/preprocess",
            "--input",
            "hdfs:///vox",
            "--dataset",
            "hdfs:///mien",
            "--num-executors",
            "64");
    Script.Ended pretrain =
        Script.run(
            environment,
            "yarn/pretrain",
            "--dataset",
            "hdfs:///mien",
            "--run",
            "hdfs:///runs/1",
            "--preset",
            "marlin-base",
            "--set",
            "training.replicas=16");

    List<String> first = List.of(preprocess.said().split("\0"));
    assertThat(Script.parse(job(first)).commandSpec().name()).isEqualTo("preprocess");
    assertThat(first).containsSubsequence("--deploy-mode", "client", "--num-executors", "64");
    List<String> second = List.of(pretrain.said().split("\0"));
    assertThat(Script.parse(job(second)).<Boolean>matchedOptionValue("--resume", false)).isTrue();
    assertThat(second).containsSubsequence("--deploy-mode", "cluster");
    for (List<String> call : List.of(first, second)) {
      Path properties = Path.of(call.get(call.indexOf("--properties-file") + 1));
      assertThat(properties).isRegularFile();
    }
  }

  @Test
  public void systemdAcceptsTheUnits() throws Exception {
    if (!Files.isExecutable(Path.of("/usr/bin/systemd-analyze"))) {
      throw new SkipException("There is no systemd-analyze here to verify the units");
    }
    List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify"));
    for (String name :
        List.of(
            "standalone/mien-master.service",
            "standalone/mien-worker.service",
            "schedule/mien-nightly.service",
            "schedule/mien-nightly.timer")) {
      String text = Files.readString(Script.DEPLOY.resolve(name));
      Path unit = folder.resolve(Path.of(name).getFileName());
      Files.writeString(unit, text.replace("/opt/mien", Script.DEPLOY.getParent().toString()));
      command.add(unit.toString());
    }
    Script.Ended ended = Script.end(new ProcessBuilder(command).redirectErrorStream(true).start());
    assertThat(ended.said()).isEmpty();
    assertThat(ended.exit()).isZero();
  }

  /** A file of settings with these lines last. */
  private Path settings(String... lines) throws IOException {
    Path told = folder.resolve("told");
    Path hook = Script.program(folder.resolve("hook"), "echo \"$@\" >>" + told);
    Files.deleteIfExists(told);
    return Files.write(
        folder.resolve("nightly.conf"),
        Stream.concat(
                Stream.of(
                    "inputs=(" + folder.resolve("videos").toUri() + ")",
                    "dataset=" + folder.resolve("dataset").toUri(),
                    "state=" + folder.resolve("state"),
                    "on_failure=(" + hook + ")"),
                Stream.of(lines))
            .toList());
  }

  /** The arguments of each call of the hook, a line a call. */
  private List<String> told() throws IOException {
    return Files.readAllLines(folder.resolve("told"));
  }

  private static List<List<String>> calls(Path said) throws IOException {
    return Files.readAllLines(said).stream().map(line -> List.of(line.split("\0"))).toList();
  }

  /** What follows the application jar. */
  private static List<String> job(List<String> call) {
    int jar =
        call.indexOf(
            Path.of(System.getProperty("mien.jar")).toAbsolutePath().normalize().toString());
    assertThat(jar).as("the jar in %s", call).isNotNegative();
    return call.subList(jar + 1, call.size());
  }

  /** The one file there, but for the newest's link and Hadoop's checksums. */
  private Path only(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      List<Path> found =
          files
              .filter(file -> !Files.isSymbolicLink(file))
              .filter(file -> !file.getFileName().toString().endsWith(".crc"))
              .toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  private static List<ProcessHandle> processes(Path state) throws IOException {
    try (Stream<Path> files = Files.list(state)) {
      return files
          .filter(file -> file.toString().endsWith(".pid"))
          .map(NightlyIT::process)
          .toList();
    }
  }

  private static ProcessHandle process(Path pidFile) {
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return Integer.toString(socket.getLocalPort());
    }
  }
}
