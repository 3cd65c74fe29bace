package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class NewestVersionTest {

  private SparkSession spark;
  private Path folder;
  private FaceVideoDataset dataset;

  @BeforeClass
  public void start() throws IOException {
    spark =
        LocalSpark.open(MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of()));
    folder = Files.createTempDirectory("newest").toRealPath();
    dataset = FaceVideoDataset.openOrCreate(spark, folder.toUri() + "dataset");
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aPublicationWaitsForAnErasure() throws Exception {
    ErasureMark mark = ErasureMark.set(spark, dataset.uri(), "person id00012");
    CompletableFuture<FaceVideoDataset> published =
        CompletableFuture.supplyAsync(
            () -> NewestVersion.publish(spark, dataset.uri(), NewestVersionTest::refreshed));
    TimeUnit.SECONDS.sleep(2);
    assertThat(published).isNotDone();

    mark.remove();

    assertThat(published.get().version().videos()).isGreaterThan(dataset.version().videos());
  }

  @Test(dependsOnMethods = "aPublicationWaitsForAnErasure")
  public void anErasureThatWasKilledIsNotAwaitedForEver() throws IOException {
    ErasureMark.set(spark, dataset.uri(), "person id00012");

    assertThatThrownBy(
            () ->
                NewestVersion.publish(
                    spark, dataset.uri(), Duration.ofSeconds(1), NewestVersionTest::refreshed))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot publish into dataset %s: an erasure has been under way for 1 s (if it was"
                + " killed, finish it by the same mien forget again; then run this again)",
            dataset.uri());
  }

  private static FaceVideoDataset refreshed(FaceVideoDataset dataset) {
    SparkSession spark = dataset.videos().sparkSession();
    return dataset.refresh(spark.createDataFrame(List.of(), Tables.VIDEOS));
  }
}
