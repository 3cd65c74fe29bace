package dev.mien.spark.embed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.mien.model.marlin.FaceVideoEncoder;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.TestVideos;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifests;
import dev.mien.spark.run.Snapshots;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.Test;

/**
 * Prints how many windows a second the embedder gives with ViT-S on two cores, of stored clips and
 * of a video, next to the network alone on windows in memory: {@code mvn -Pchecks verify
 * -Dit.test=EmbedBenchmark}.
 */
public class EmbedBenchmark {

  private static final int BATCH = 4;
  private static final int FRAMES = 8 * 64;
  private static final long SEED = 5;

  private final MienConfiguration configuration =
      MienConfiguration.load(Optional.of("marlin-small"), Optional.empty(), List.of());
  private final TrainingState state = TrainingState.initial(configuration.model(), SEED);

  @Test
  public void measure() throws Exception {
    System.setProperty("ai.djl.pytorch.num_threads", "1"); // as tasks of one core have it
    Path folder = Files.createTempDirectory("embed");
    Path video = TestVideos.copy(TestVideos.CAP12, folder.resolve("face.mp4"), "mp4", FRAMES, 1);
    String run = folder.resolve("run").toString();
    new Checkpoints(new Configuration(), run)
        .write(Manifests.of(1, configuration), Snapshots.of(state));

    try (SparkSession spark = LocalSpark.open(configuration)) {
      String dataset = folder.resolve("dataset").toUri().toString();
      new PreprocessJob(spark, configuration)
          .run(PreprocessInputs.of(video.toUri().toString()), dataset);
      Dataset<Row> clips =
          FaceVideoDataset.open(spark, dataset)
              .clips()
              .selectExpr("struct(images, format, height, width) AS clip")
              .repartition(2);
      Dataset<Row> videos =
          spark.createDataset(List.of(video.toString()), Encoders.STRING()).toDF("video");
      FaceVideoEmbedder embedder =
          new FaceVideoEmbedder().setModelUrl(run).setOutputCol("windows").setBatchSize(BATCH);

      double alone = rate(this::network);
      double ofClips =
          rate(() -> windows(embedder.setInputCol("clip").transform(clips), "windows"));
      double ofVideo =
          rate(() -> windows(embedder.setInputCol("video").transform(videos), "windows.windows"));
      System.out.printf(
          Locale.ROOT,
          "windows a second: network alone on one core %.2f; clips on two %.2f (%.2f of twice that);"
              + " a video on one %.2f (%.2f)%n",
          alone,
          ofClips,
          ofClips / alone / 2,
          ofVideo,
          ofVideo / alone);
    }
  }

  /** By one thread. */
  private long network() {
    ParameterVector parameters = state.parameters();
    try (FaceVideoEncoder encoder =
        FaceVideoEncoder.open(configuration.model(), parameters, Device.cpu())) {
      ByteBuffer pixels = ByteBuffer.allocateDirect(BATCH * encoder.clipBytes());
      long windows = 0;
      for (int batch = 0; batch < 4; batch++) {
        windows += encoder.embed(BATCH, pixels).length;
      }
      return windows;
    }
  }

  private static long windows(Dataset<Row> embedded, String column) {
    return embedded.selectExpr("sum(size(%s))".formatted(column)).first().getLong(0);
  }

  /** Of the second time. */
  private static double rate(LongSupplier windows) {
    long expected = windows.getAsLong();
    long start = System.nanoTime();
    assertThat(windows.getAsLong()).isPositive().isEqualTo(expected);
    return expected / ((System.nanoTime() - start) / 1e9);
  }
}
