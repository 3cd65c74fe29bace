package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.testng.annotations.Test;

/** When a run writes, and what Spark's page says of its jobs. */
public class RunJobsTest extends NoiseRunsFixture {

  @Test
  public void aCheckpointIsWrittenWhenTheLastOneIsOld() throws IOException {
    // Of six rounds it looks for six.
    start("timed", "training { checkpoint-every = 100, checkpoint-interval = 1ms }");
  }

  @Test
  public void oneReplicaOnTwoCoresIsSaidToLeaveOneIdle() throws IOException {
    PrintStream before = System.out;
    var said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      start("idle", "training { replicas = 1, epochs = 2 }");
    } finally {
      System.setOut(before);
    }

    assertThat(said.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("2 cores training uses 1: training.replicas = 1, ")
        .contains("(set spark.task.cpus to 2)");
  }

  @Test
  public void eachJobSaysInWhichRoundItIs() throws Exception {
    Descriptions descriptions = new Descriptions();
    spark.sparkContext().addSparkListener(descriptions);

    start("described");

    spark.sparkContext().listenerBus().waitUntilEmpty();
    spark.sparkContext().removeSparkListener(descriptions);
    assertThat(descriptions.said)
        .contains(
            "Validate after round 0: 2 clips",
            "round 1 of 6: 2 replicas × 2 steps",
            "round 3 of 6: 2 replicas × 2 steps",
            "Validate after round 6: 2 clips");
  }

  /** What jobs are called, as the page shows it. */
  private static final class Descriptions extends SparkListener {

    private final Collection<String> said = new ConcurrentLinkedQueue<>();

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      said.add(String.valueOf(job.properties().getProperty("spark.job.description")));
    }
  }
}
