package dev.mien.spark;

import dev.mien.model.marlin.MarlinArchitecture;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What an exchange costs between two one-core executors on this machine, beside the naive way and
 * the floor of the same run. Not part of the tests: {@code mvn -Pchecks verify
 * -Dit.test=ExchangeBenchmark}; {@code #compares} or another method after the class's name runs
 * that one alone.
 */
public class ExchangeBenchmark extends ExchangeFixture {

  /** A driver that holds what the naive way brings it. */
  private static final String DRIVER = "5g";

  private static final List<String> UNLIMITED = List.of("spark.driver.maxResultSize=2g");

  @DataProvider
  public Object[][] models() {
    return new Object[][] {
      {"ViT-S", MarlinArchitecture.small(), "compare", 15},
      {"ViT-B", MarlinArchitecture.base(), "compare", 15},
      {"ViT-L", MarlinArchitecture.large(), "floor", 3},
    };
  }

  /** Against treeAggregate and the floor; ViT-L has no naive way within Spark's limits. */
  @Test(dataProvider = "models")
  public void compares(String name, MarlinArchitecture model, String with, int rounds)
      throws Exception {
    int size = model.generatorLayout().size();
    run(name, DRIVER, UNLIMITED, with, size, 1, 2, rounds);
  }

  @Test
  public void grows() throws Exception {
    int size = MarlinArchitecture.small().generatorLayout().size();
    for (int replicas : new int[] {1, 2, 4, 8}) {
      run("ViT-S", DRIVER, UNLIMITED, "compare", size, 1, replicas, 3);
    }
  }
}
