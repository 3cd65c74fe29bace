package dev.mien.spark.embed;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.struct;

import com.google.gson.Gson;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.Derived;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Vacuum;
import dev.mien.spark.run.CodeVersion;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Embeds a dataset's clips into a Delta table, a row a window. */
public final class EmbedJob {

  private static final String USER_METADATA = "userMetadata";

  /** Column of the clips, after four of ids. */
  private static final int CLIP = 4;

  private final SparkSession spark;
  private final MienConfiguration configuration;

  public EmbedJob(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.configuration = configuration;
  }

  /**
   * Replaces the table at {@code output}: {@code clip_id, track_id, video_id, person_id,
   * first_frame} and {@code embedding}, an array of as many floats as the encoder is wide. The
   * commit says what made them: the code, the dataset version, the model, to the checkpoint, and
   * the options, with the stride that was taken.
   *
   * @return windows embedded
   * @throws IllegalArgumentException when {@code output} holds something else, or the model cannot
   *     give what is asked for
   * @throws ConcurrentPublicationException when an erasure began meanwhile; the table is gone then
   */
  public long run(String datasetUri, String modelUrl, String output) throws IOException {
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    EmbeddingsTable.requireRoom(spark, output);
    Configuration hadoop = spark.sessionState().newHadoopConf();
    EncoderModel model = EncoderModel.find(hadoop, modelUrl);
    EmbeddingOptions options = model.options(hadoop, configuration.embedding());
    EmbedClips embed =
        new EmbedClips(
            new ResidentEncoder(
                model,
                options.batchSize(),
                configuration.training().device(),
                new SerializableConfiguration(hadoop)),
            CLIP,
            options);

    spark.sparkContext().setJobDescription("embed " + datasetUri + " with " + model);
    Derived.keep(
        spark,
        dataset,
        "the embeddings",
        output,
        () -> write(embed, dataset, Provenance.of(dataset, model, options), output));
    return spark.read().format("delta").load(output).count();
  }

  private static void write(
      EmbedClips embed, FaceVideoDataset dataset, Provenance provenance, String output) {
    Dataset<Row> clips =
        dataset
            .clips()
            .select(
                col("clip_id"),
                col("track_id"),
                col("video_id"),
                col("person_id"),
                struct("images", "format", "height", "width").as("clip"));
    clips
        .mapPartitions(
            embed, Encoders.row(clips.schema().add("windows", EmbedClips.WINDOWS, false)))
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
        .options(Vacuum.PROPERTIES)
        .option(USER_METADATA, new Gson().toJson(provenance))
        .save(output);
  }

  /**
   * What made a table of embeddings.
   *
   * @param code which Mien embedded
   * @param datasetVersion of the {@code videos} table
   * @param model folder of the checkpoint or of the exported model
   */
  private record Provenance(
      String code,
      String dataset,
      long datasetVersion,
      String model,
      String modelVersion,
      EmbeddingOptions options) {

    static Provenance of(FaceVideoDataset dataset, EncoderModel model, EmbeddingOptions options) {
      return new Provenance(
          CodeVersion.current(),
          dataset.uri(),
          dataset.version().videos(),
          model.folder(),
          model.version(),
          options);
    }
  }
}
