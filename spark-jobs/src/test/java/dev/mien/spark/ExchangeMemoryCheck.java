package dev.mien.spark;

import dev.mien.model.marlin.MarlinArchitecture;
import java.util.List;
import org.testng.annotations.Test;

/** That a state passes through what memory it should need, and no more. */
public class ExchangeMemoryCheck extends ExchangeFixture {

  /** Parameters alone, in a driver with three times their bytes and what Spark itself needs. */
  @Test
  public void theDriverHoldsThreeVectors() throws Exception {
    int size = MarlinArchitecture.base().generatorLayout().size();
    long megabytes = (3L * size * Float.BYTES) >> 20;
    run("ViT-B", megabytes + 250 + "m", List.of(), "pass", size, 1, 2, 1);
  }

  /** ViT-L with decoder and both moments, within Spark's own limit of what a driver receives. */
  @Test
  public void passesAtFullSize() throws Exception {
    int size = MarlinArchitecture.large().generatorLayout().size();
    // What the driver's block manager does not hold in memory, it holds on disk.
    run("ViT-L", "10g", List.of("spark.memory.fraction=0.1"), "pass", size, 3, 2, 0);
  }
}
