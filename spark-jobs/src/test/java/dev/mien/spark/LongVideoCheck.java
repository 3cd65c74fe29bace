package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/**
 * The longest video that is accepted, half an hour and more, by an executor of 1 GiB. Run by name:
 * {@code mvn -Pchecks verify -Dit.test=LongVideoCheck}.
 */
public class LongVideoCheck {

  private static final int FRAMES = 1337;
  private static final int COPIES = Integer.getInteger("copies", 40);
  private static final long MEBI = 1 << 20;

  private Path folder;
  private SparkSession spark;

  @BeforeMethod
  public void open() throws IOException {
    folder = Files.createTempDirectory("long-video").toRealPath();
    spark = LocalSpark.open(MienConfiguration.load(Optional.empty(), Optional.empty(), List.of()));
  }

  @AfterMethod(alwaysRun = true)
  public void close() throws IOException {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void itsLengthDoesNotShowInMemory() throws Exception {
    Path input = Files.createDirectory(folder.resolve("input"));
    TestVideos.copy(TestVideos.CAP12, input.resolve("long.mp4"), "mp4", FRAMES, COPIES);
    String dataset = folder.resolve("dataset").toUri().toString();

    TestCluster.Ended job;
    PeakMemory memory;
    try (TestCluster cluster = TestCluster.start(folder.resolve("cluster"), 1, "1g")) {
      Process started =
          cluster.start(
              List.of(
                  "--conf",
                  "spark.sql.shuffle.partitions=1",
                  "--conf",
                  "spark.databricks.delta.snapshotPartitions=1"),
              List.of("preprocess", "--input", input.toUri().toString(), "--dataset", dataset));
      memory = PeakMemory.during(started, cluster);
      job = TestCluster.end(started);
    }

    assertThat(job.exit()).as(job.said()).isZero();
    Row video =
        FaceVideoDataset.open(spark, dataset)
            .videos()
            .select("reason", "frames_decoded", "clips")
            .head();
    assertThat(video.getString(0)).isEmpty();
    assertThat(video.getInt(1)).isEqualTo(COPIES * FRAMES);
    assertThat(video.getInt(2)).isGreaterThan(COPIES * FRAMES / 64);
    assertThat(memory.executors().values()).allMatch(peak -> peak < 1536 * MEBI, "below 1.5 GiB");
    assertThat(memory.decoders())
        .hasSize(1)
        .allSatisfy((process, peak) -> assertThat(peak).isLessThan(700 * MEBI));
  }
}
