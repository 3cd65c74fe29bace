package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredTables;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * A batch on two workers, of which an executor dies while it is at a video. A command of its own:
 * {@code mvn -Pchecks verify -Dit.test=KilledExecutorCheck}.
 */
public class KilledExecutorCheck {

  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private Path folder;
  private Path input;
  private TestCluster cluster;
  private SparkSession spark;

  @BeforeClass
  public void start() throws Exception {
    folder = Files.createTempDirectory("killed-executor").toRealPath();
    input = Files.createDirectories(folder.resolve("input"));
    for (int frames : List.of(120, 160, 200)) {
      TestVideos.copy(TestVideos.CAP12, input.resolve(frames + ".mp4"), "mp4", frames, 1);
    }
    spark = LocalSpark.open(TINY);
    cluster = TestCluster.start(folder.resolve("cluster"), 2, "1g");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    if (cluster != null) {
      cluster.close();
    }
    spark.stop();
  }

  @Test
  public void aKilledExecutorCostsTimeAndNothingElse() throws Exception {
    new PreprocessJob(spark, TINY).run(PreprocessInputs.of(uri("input")), uri("undisturbed"));
    StoredTables undisturbed = tables("undisturbed");
    assertThat(undisturbed.clips()).hasSizeGreaterThan(6);

    Process job =
        cluster.start(
            List.of(),
            List.of("preprocess", "--input", uri("input"), "--dataset", uri("disturbed")));
    Optional<ProcessHandle> atWork = Optional.empty();
    while (atWork.isEmpty()) {
      assertThat(job.isAlive()).as("it ended before an executor was killed").isTrue();
      atWork = cluster.executors().stream().filter(this::isAtAVideo).findFirst();
    }
    atWork.get().destroyForcibly();

    TestCluster.Ended ended = TestCluster.end(job);
    assertThat(ended.exit()).as(ended.said()).isZero();
    assertThat(tables("disturbed")).isEqualTo(undisturbed);
  }

  private boolean isAtAVideo(ProcessHandle executor) {
    return executor.descendants().anyMatch(decoding -> Processes.decodes(decoding, input));
  }

  private StoredTables tables(String name) throws IOException {
    return StoredTables.of(FaceVideoDataset.open(spark, uri(name)));
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
