package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.TestCluster.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Exchanges of made-up vectors between two one-core executors, which are processes. */
abstract class ExchangeFixture {

  private Path folder;
  private TestCluster cluster;

  @BeforeClass
  public void start() throws IOException {
    folder = Files.createTempDirectory("exchange");
    cluster = TestCluster.startMeasured(folder, 2, "6g");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    if (cluster != null) {
      cluster.close();
    }
    FileUtil.fullyDelete(folder.toFile());
  }

  /**
   * Runs {@code ExchangeMain} and prints its results.
   *
   * @param name of the model, before each line
   * @param settings of Spark, {@code key=value}
   */
  void run(String name, String driverMemory, List<String> settings, Object... arguments)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("--driver-memory", driverMemory));
    options.addAll(List.of("--executor-memory", "5g"));
    settings.forEach(setting -> options.addAll(List.of("--conf", setting)));
    String classes =
        Path.of("target/test-classes").toAbsolutePath() + ":" + System.getProperty("mien.jar");
    options.addAll(List.of("--driver-class-path", classes));
    options.addAll(List.of("--conf", "spark.executor.extraClassPath=" + classes));
    Ended ended =
        cluster.runClass(
            "dev.mien.spark.exchange.ExchangeMain",
            options,
            Stream.of(arguments).map(String::valueOf).toList());

    assertThat(ended.exit()).as(ended.said()).isZero();
    ended
        .said()
        .lines()
        .filter(line -> line.startsWith("RESULT"))
        .forEach(line -> System.out.println(name + line.substring(6)));
  }
}
