package dev.mien.spark;

import java.io.IOException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Runs on a cluster that a class starts for all of its tests. */
abstract class RoundsFixture {

  RunsOfEight runs;

  @BeforeClass
  public void start() throws IOException {
    runs = RunsOfEight.start();
  }

  @AfterClass(alwaysRun = true)
  public void stop() throws IOException {
    if (runs != null) {
      runs.close();
    }
  }
}
