package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

public class RecutBatchesTest {

  private static final int FREE_BYTES = 400_000;

  @Test
  public void whatTheFirstBatchTookDecidesHowManyAreInTheNext() throws Exception {
    MienConfiguration configuration =
        MienConfiguration.load(
            Optional.of("tiny"), Optional.empty(), List.of("dataset.batch-size = 1MiB"));
    Path folder = Files.createTempDirectory("recut").toRealPath();
    Path input = Files.createDirectories(folder.resolve("in"));
    for (int frames : List.of(30, 31, 32, 33)) {
      Path video =
          TestVideos.copy(TestVideos.CAP12, input.resolve(frames + ".mp4"), "mp4", frames, 1);
      Files.write(video, free(), StandardOpenOption.APPEND);
    }
    String uri = folder.resolve("dataset").toUri().toString();

    try (SparkSession spark = LocalSpark.open(configuration)) {
      long before = FaceVideoDataset.openOrCreate(spark, uri).version().videos();
      PreprocessSummary summary =
          new PreprocessJob(spark, configuration)
              .run(PreprocessInputs.of(input.toUri().toString()), uri);

      assertThat(summary.outcomes()).containsOnlyKeys("processed");
      assertThat(summary.datasetVersion() - before)
          .as("by their sizes each were a batch of its own")
          .isEqualTo(2);
    }
  }

  /** A box of MP4 that says nothing. */
  private static byte[] free() {
    return ByteBuffer.allocate(FREE_BYTES)
        .putInt(FREE_BYTES)
        .put("free".getBytes(StandardCharsets.US_ASCII))
        .array();
  }
}
