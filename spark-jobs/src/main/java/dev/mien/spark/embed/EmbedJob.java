package dev.mien.spark.embed;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.struct;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import org.apache.spark.sql.SparkSession;

/** Embeds a dataset's clips into a Delta table, a row a window. */
public final class EmbedJob {

  private static final String USER_METADATA = "userMetadata";

  private final SparkSession spark;
  private final MienConfiguration configuration;

  public EmbedJob(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.configuration = configuration;
  }

  /**
   * Replaces the table at {@code output}: {@code clip_id, track_id, video_id, person_id,
   * first_frame} and {@code embedding}, an array of as many floats as the encoder is wide. The
   * commit names the model, to the checkpoint, and the dataset version.
   *
   * @return windows embedded
   */
  public long run(String datasetUri, String modelUrl, String output) {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    EncoderModel model = EncoderModel.find(spark.sessionState().newHadoopConf(), modelUrl);
    FaceVideoEmbedder embedder =
        new FaceVideoEmbedder()
            .setInputCol("clip")
            .setOutputCol("windows")
            .setModelUrl(model.folder())
            .setBatchSize(configuration.embedding().batchSize())
            .setStride(configuration.embedding().stride())
            .setDevice(configuration.training().device().name())
            .setWindowStride(configuration.embedding().windowStride())
            .setTail(configuration.embedding().tail())
            .setOutput(configuration.embedding().output());

    spark.sparkContext().setJobDescription("embed " + datasetUri + " with " + model);
    embedder
        .transform(
            dataset
                .clips()
                .select(
                    col("clip_id"),
                    col("track_id"),
                    col("video_id"),
                    col("person_id"),
                    struct("images", "format", "height", "width").as("clip")))
        .withColumn("window", explode(col("windows")))
        .select(
            "clip_id",
            "track_id",
            "video_id",
            "person_id",
            "window.first_frame",
            "window.embedding")
        .write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .option(
            USER_METADATA,
            "dataset " + datasetUri + " version " + dataset.version() + ", model " + model)
        .save(output);
    return spark.read().format("delta").load(output).count();
  }
}
