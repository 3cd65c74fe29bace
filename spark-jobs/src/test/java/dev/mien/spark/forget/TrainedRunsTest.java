package dev.mien.spark.forget;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.run.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Runs that are asked for a video of the second version of a dataset. */
public class TrainedRunsTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of());

  private SparkSession spark;
  private Path folder;
  private FaceVideoDataset first;
  private FaceVideoDataset second;

  @BeforeClass
  public void publish() throws IOException {
    spark = LocalSpark.open(TINY);
    folder = Files.createTempDirectory("trained");
    first =
        StoredRows.publish(
            spark,
            TestDatasets.empty(spark, folder.resolve("dataset").toString()),
            StoredRows.processed("a.mp4", "a", "anna"));
    second = StoredRows.publish(spark, first, StoredRows.processed("b.mp4", "b", "ben"));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aRunSawWhatAnyVersionHadThatItWasTrainedOn() throws IOException {
    TrainedRuns trained = new TrainedRuns(spark, second, List.of("b"));

    assertThat(trained.describe(run("before", List.of()))).endsWith(" was not trained on it");
    assertThat(trained.describe(run("moved-back", List.of(second.version().videos()))))
        .endsWith("was trained on it, and its checkpoints keep what they learnt: retire it");
  }

  /** A checkpoint of the first version, as far as its manifest tells. */
  private String run(String name, List<Long> earlierVersions) throws IOException {
    Manifest manifest =
        Manifests.of(1, TINY, first.uri(), first.version().videos(), earlierVersions);
    Path run = Files.createDirectories(folder.resolve(name));
    Files.writeString(run.resolve("manifest.json"), new Gson().toJson(manifest));
    return run.toString();
  }
}
