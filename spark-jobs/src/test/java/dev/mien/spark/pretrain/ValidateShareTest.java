package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.train.TrainingState;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.clip.ClipEntry;
import dev.mien.spark.dataset.clip.ClipIndex;
import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.exchange.StateBroadcast;
import dev.mien.spark.exchange.StateChunks;
import dev.mien.spark.pretrain.replica.SlowFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

public class ValidateShareTest {

  private static final MienConfiguration CONFIGURATION =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of(
              "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 },"
                  + " decoder { width = 16, depth = 1, heads = 2 } }",
              "training { replicas = 1, task-limit = 5s }"));

  @Test(timeOut = 120_000)
  public void aValidationThatHangsEnds() throws IOException, InterruptedException {
    Path file = Files.createTempFile("clips", ".parquet");
    Configuration hadoop = new Configuration();
    hadoop.set("fs.slow.impl", SlowFileSystem.class.getName());
    List<ClipEntry> clips =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    new ClipEntry(
                        "clip" + i,
                        "track" + i,
                        "video",
                        "person" + i,
                        "dev",
                        64,
                        new ClipLocation(new RowGroup("slow:" + file, 0), 0)))
            .toList();
    Plan plan = Plan.of(CONFIGURATION, new ClipIndex(clips));
    TrainingState state = TrainingState.initial(CONFIGURATION.model(), 1);

    try (SparkSession spark = LocalSpark.open(CONFIGURATION);
        SlowFileSystem.Hold hold = SlowFileSystem.hold()) {
      JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      try (Rounds rounds = new Rounds(context, hadoop, plan);
          StateBroadcast broadcast =
              StateBroadcast.of(context, StateChunks.of(List.of(state.parameters().values()), 1))) {
        assertThatThrownBy(() -> rounds.validate(broadcast, 3))
            .hasMessageContaining(
                "Share 0 of the validation did not end within training.task-limit = 5 s");
        hold.awaitReader();
      }
    }
  }
}
