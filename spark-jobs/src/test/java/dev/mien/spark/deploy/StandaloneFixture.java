package dev.mien.spark.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.BriefJava;
import dev.mien.spark.local.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;

/** A cluster of two workers that {@code deploy/standalone} starts, and stops after each test. */
abstract class StandaloneFixture extends NightFixture {

  /** Of the scripts, and of whoever uses their cluster. */
  final Map<String, String> environment = new HashMap<>();

  @BeforeMethod(dependsOnMethods = "makeFolder")
  public void startCluster() throws Exception {
    environment.put("SPARK_HOME", Path.of(System.getProperty("mien.spark.home")).toString());
    environment.put("MIEN_STATE", folder.resolve("cluster").toString());
    environment.put("SPARK_MASTER_PORT", Integer.toString(FreePort.find()));
    environment.put("SPARK_MASTER_WEBUI_PORT", Integer.toString(FreePort.find()));
    environment.put("SPARK_WORKER_CORES", "1");
    environment.put("SPARK_WORKER_MEMORY", "1g");
    environment.put("SPARK_SUBMIT_OPTS", BriefJava.OPTIONS);
    environment.put("SPARK_DAEMON_JAVA_OPTS", BriefJava.OPTIONS);
    Script.Ended started = Script.run(environment, "standalone/start", "2");
    assertThat(started.exit()).as(started.said()).isZero();
    assertThat(started.said()).contains("has 2 workers");
    environment.put("SPARK_CONF_DIR", defaults().getParent().toString());
  }

  @AfterMethod(alwaysRun = true)
  public void stopCluster() throws Exception {
    List<ProcessHandle> processes = processes(folder.resolve("cluster"));
    Script.Ended stopped = Script.run(environment, "standalone/stop");
    assertThat(stopped.said()).contains("Stopped 3 processes");
    assertThat(processes).hasSize(3);
    for (ProcessHandle process : processes) {
      process.onExit().join();
    }
  }

  /** The settings of whoever uses the cluster, with its secret. */
  Path defaults() {
    return folder.resolve("cluster/conf/spark-defaults.conf");
  }

  private static List<ProcessHandle> processes(Path state) throws IOException {
    try (Stream<Path> files = Files.list(state)) {
      return files
          .filter(file -> file.toString().endsWith(".pid"))
          .flatMap(StandaloneFixture::process)
          .toList();
    }
  }

  /** None if it has died. */
  private static Stream<ProcessHandle> process(Path pidFile) {
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
