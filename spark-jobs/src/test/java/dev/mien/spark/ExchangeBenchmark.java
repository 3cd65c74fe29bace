package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.spark.TestCluster.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What an exchange costs between two one-core executors on this machine, beside the naive way and
 * the floor of the same run. Not part of the tests: {@code mvn -Pchecks verify
 * -Dit.test=ExchangeBenchmark}; {@code #compares} or another method after the class's name runs
 * that one alone.
 */
public class ExchangeBenchmark {

  private TestCluster cluster;

  @BeforeClass
  public void start() throws IOException {
    cluster = TestCluster.startMeasured(Files.createTempDirectory("exchange"), 2, "6g");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    cluster.close();
  }

  @DataProvider
  public Object[][] models() {
    return new Object[][] {
      {"ViT-S", MarlinArchitecture.small(), "compare"},
      {"ViT-B", MarlinArchitecture.base(), "compare"},
      {"ViT-L", MarlinArchitecture.large(), "floor"},
    };
  }

  /** Against treeAggregate and the floor; ViT-L has no naive way within Spark's limits. */
  @Test(dataProvider = "models")
  public void compares(String name, MarlinArchitecture model, String with) throws Exception {
    int size = model.generatorLayout().size();
    run(name, "5g", List.of("spark.driver.maxResultSize=2g"), with, size, 1, 2, 3);
  }

  @Test
  public void grows() throws Exception {
    int size = MarlinArchitecture.small().generatorLayout().size();
    for (int replicas : new int[] {1, 2, 4, 8}) {
      run("ViT-S", "5g", List.of("spark.driver.maxResultSize=2g"), "compare", size, 1, replicas, 3);
    }
  }

  /** Parameters alone, in a driver with three times their bytes and what Spark itself needs. */
  @Test
  public void theDriverHoldsThreeVectors() throws Exception {
    int size = MarlinArchitecture.base().generatorLayout().size();
    long megabytes = (3L * size * Float.BYTES) >> 20;
    run("ViT-B", megabytes + 250 + "m", List.of(), "pass", size, 1, 2, 1);
  }

  /** ViT-L with decoder and both moments. */
  @Test
  public void passesAtFullSize() throws Exception {
    int size = MarlinArchitecture.large().generatorLayout().size();
    // What the driver's block manager does not hold in memory, it holds on disk.
    run("ViT-L", "10g", List.of("spark.memory.fraction=0.1"), "pass", size, 3, 2, 0);
  }

  private void run(String name, String driverMemory, List<String> settings, Object... arguments)
      throws Exception {
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
            List.of(arguments).stream().map(String::valueOf).toList());

    assertThat(ended.exit()).as(ended.said()).isZero();
    ended
        .said()
        .lines()
        .filter(line -> line.startsWith("RESULT"))
        .forEach(line -> System.out.println(name + line.substring(6)));
  }
}
