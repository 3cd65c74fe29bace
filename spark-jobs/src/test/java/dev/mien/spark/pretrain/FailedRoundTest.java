package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class FailedRoundTest {

  @DataProvider
  public Object[][] deaths() {
    return new Object[][] {
      {"Command exited with code 52", "--executor-memory"},
      {"The executor with id 3 exited with exit code 52(JVM OOM).", "--executor-memory"},
      {"Container from a bad node. Exit status: 52. Diagnostics", "--executor-memory"},
      {"Command exited with code 137", "spark.executor.memoryOverhead"},
      {
        "The executor with id 3 exited with exit code 137(SIGKILL)", "spark.executor.memoryOverhead"
      },
      {"Container from a bad node. Exit status: 137. Diag", "spark.executor.memoryOverhead"},
      {"Container killed on request. Exit code is 137", "spark.executor.memoryOverhead"},
    };
  }

  @Test(dataProvider = "deaths")
  public void anExecutorThatMemoryEndedIsGivenMore(String said, String remedy) {
    assertThat(FailedRound.reason(new IllegalStateException("Job aborted: " + said)))
        .contains(remedy, "training.batch-size", said);
  }

  @Test
  public void otherExitsAreNotTakenForWantOfMemory() {
    for (String said : new String[] {"Command exited with code 1", "exited with code 525"}) {
      assertThat(FailedRound.reason(new IllegalStateException(said))).isEqualTo(said);
    }
  }
}
