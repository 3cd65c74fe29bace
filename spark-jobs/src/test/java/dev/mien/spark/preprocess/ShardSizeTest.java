package dev.mien.spark.preprocess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

public class ShardSizeTest {

  private static final long MEBI = 1 << 20;

  @Test
  public void theClipsOfALongVideoAreInFilesOfTheSizeThatIsSet() throws Exception {
    MienConfiguration configuration =
        MienConfiguration.load(
            Optional.of("tiny"),
            Optional.empty(),
            List.of("dataset { file-size = 1MiB, row-group-size = 256KiB }"));
    Path folder = Files.createTempDirectory("shards").toRealPath();
    Path video = TestVideos.copy(TestVideos.CAP12, folder.resolve("a.mp4"), "mp4", 300, 1);
    String uri = folder.resolve("dataset").toUri().toString();

    try (SparkSession spark = LocalSpark.open(configuration)) {
      PreprocessSummary summary =
          new PreprocessJob(spark, configuration)
              .run(PreprocessInputs.of(video.toUri().toString()), uri);

      assertThat(summary.clipBytes()).as("more than two files of clips").isGreaterThan(2 * MEBI);
      assertThat(FaceVideoDataset.open(spark, uri).clips().count()).isEqualTo(summary.clips());
    }
    try (Stream<Path> shards = Files.list(folder.resolve("dataset/clips"))) {
      assertThat(shards.filter(file -> file.toString().endsWith(".parquet")))
          .allSatisfy(shard -> assertThat(shard.toFile()).size().isLessThan(2 * MEBI));
    }
  }
}
