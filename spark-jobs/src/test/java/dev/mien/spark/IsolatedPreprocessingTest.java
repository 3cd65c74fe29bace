package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The preprocessing job in this JVM, its decoding in processes beside it. */
public class IsolatedPreprocessingTest {

  private Path folder;
  private SparkSession spark;
  private MienConfiguration configuration;

  @BeforeClass
  public void open() throws IOException {
    folder = Files.createTempDirectory("isolated-preprocessing").toRealPath();
    configuration =
        MienConfiguration.load(
            Optional.of("tiny"),
            Optional.empty(),
            List.of("preprocessing.isolation { stall-limit = 1m, memory-limit = 1GiB }"));
    spark = LocalSpark.open(configuration);
  }

  @AfterClass(alwaysRun = true)
  public void close() throws IOException {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }

  @Test
  public void aCrashAndAPipeCostTheirOwnVideoOnly() throws Exception {
    Path input = Files.createDirectory(folder.resolve("input"));
    Path deadly = TestVideos.copy(TestVideos.CAP12, input.resolve("deadly.mp4"), "mp4", 1300, 1);
    TestVideos.copy(TestVideos.CAP13, input.resolve("whole.mp4"), "mp4", 100, 1);
    new ProcessBuilder("mkfifo", input.resolve("pipe.mp4").toString()).start().waitFor();
    killWhoeverOpens(deadly);

    TestDatasets.empty(spark, folder.resolve("dataset").toUri().toString());
    new PreprocessJob(spark, configuration)
        .run(
            PreprocessInputs.of(input.toUri().toString()),
            folder.resolve("dataset").toUri().toString());

    Map<String, String> outcomes = new HashMap<>();
    for (Row row :
        FaceVideoDataset.open(spark, folder.resolve("dataset").toUri().toString())
            .videos()
            .selectExpr("substring_index(uri, '/', -1)", "concat(outcome, ': ', reason)")
            .collectAsList()) {
      outcomes.put(row.getString(0), row.getString(1));
    }
    assertThat(outcomes)
        .containsEntry("deadly.mp4", "quarantined: decoding crashed: SIGSEGV")
        .containsEntry("whole.mp4", "processed: ");
    assertThat(outcomes.getOrDefault("pipe.mp4", "not listed")).matches(".*regular.*|not listed");
  }

  /** Raises SIGSEGV in the process that decodes the video, as broken native code would. */
  private static void killWhoeverOpens(Path video) {
    Thread assassin =
        new Thread(
            () ->
                segfault(
                    await()
                        .atMost(5, TimeUnit.MINUTES)
                        .until(() -> whoDecodes(video), Optional::isPresent)
                        .orElseThrow()));
    assassin.setDaemon(true);
    assassin.start();
  }

  private static Optional<ProcessHandle> whoDecodes(Path video) {
    return ProcessHandle.current()
        .children()
        .filter(child -> Processes.decodes(child, video))
        .findFirst();
  }

  private static void segfault(ProcessHandle child) {
    try {
      Processes.signal(child, "SEGV");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
