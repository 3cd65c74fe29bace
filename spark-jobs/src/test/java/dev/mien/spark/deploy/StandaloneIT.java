package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.BriefJava;
import dev.mien.spark.TestVideos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/** A night on the cluster that {@code deploy/standalone} starts. */
public class StandaloneIT extends NightFixture {

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
                + " --conf 'spark.executor.extraJavaOptions="
                + BriefJava.OPTIONS
                + "')",
            "job=(--set 'training.seed = 7')",
            "keep_days=7");

    Map<String, String> cluster = new HashMap<>();
    cluster.put("SPARK_HOME", Path.of(System.getProperty("mien.spark.home")).toString());
    cluster.put("MIEN_STATE", folder.resolve("cluster").toString());
    cluster.put("SPARK_MASTER_PORT", freePort());
    cluster.put("SPARK_MASTER_WEBUI_PORT", freePort());
    cluster.put("SPARK_WORKER_CORES", "1");
    cluster.put("SPARK_WORKER_MEMORY", "1g");
    cluster.put("SPARK_SUBMIT_OPTS", BriefJava.OPTIONS);
    cluster.put("SPARK_DAEMON_JAVA_OPTS", BriefJava.OPTIONS);
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
          .containsAllEntriesOf(PresetsTest.KEPT_FROM_OTHERS)
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
          .map(StandaloneIT::process)
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
