package dev.mien.spark.embed;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.struct;

import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.DerivedTable;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ChosenClips;
import dev.mien.spark.resident.TaskDevice;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Brings a table of embeddings, which has one row per window, up to date with a dataset's newest
 * version.
 */
public final class EmbedJob {

  /** Index of the clip's column, after four columns of ids. */
  private static final int CLIP = 4;

  private final SparkSession spark;
  private final MienConfiguration configuration;

  public EmbedJob(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.configuration = configuration;
  }

  /**
   * What was done.
   *
   * @param changes empty when all clips were embedded
   * @param windows in the table now
   */
  public record Embedded(Optional<ChangedVideos> changes, long windows) {}

  /**
   * Embeds clips that the table at {@code output} lacks, and removes those that the dataset no
   * longer has, so that a night costs only what is new. All clips are embedded when there is no
   * table, or when the model or another setting that decides on the embeddings has changed. The
   * commit says what made the embeddings, see {@link Provenance}.
   *
   * @throws IllegalArgumentException when {@code output} holds something else, the model cannot
   *     give the output, or Spark gives tasks no GPU although the configuration asks for one
   * @throws ConcurrentPublicationException when another run wrote to the table meanwhile, which is
   *     then left as that run wrote it, or an erasure began, and the table is deleted
   */
  public Embedded run(String datasetUri, String modelUrl, String output) throws IOException {
    TaskDevice.requireGiven(
        spark.sparkContext().getConf(), "training.device", configuration.training().device());
    FaceVideoDataset dataset = FaceVideoDataset.open(spark, datasetUri);
    EmbeddingsTable table = EmbeddingsTable.at(spark, output);
    Configuration hadoop = spark.sessionState().newHadoopConf();
    EncoderModel model = EncoderModel.find(hadoop, modelUrl);
    EmbeddingOptions options = model.options(hadoop, configuration.embedding());
    Provenance provenance = Provenance.of(dataset, model, options);
    EmbedClips embed =
        new EmbedClips(
            new ResidentEncoder(
                model,
                options.batchSize(),
                configuration.training().device(),
                new SerializableConfiguration(hadoop)),
            CLIP,
            options);

    spark.sparkContext().setJobDescription("Embed " + datasetUri + " with " + model);
    Optional<ChangedVideos> changes = table.changes(dataset, provenance);
    new DerivedTable(spark, output)
        .keep(
            dataset,
            "the embeddings",
            () ->
                changes.ifPresentOrElse(
                    changed -> change(table, changed, embed, dataset, provenance),
                    () ->
                        table.replace(
                            windows(embed, dataset.clips(), ChangedVideos.cut(dataset)),
                            provenance)));
    return new Embedded(changes, table.windows());
  }

  private void change(
      EmbeddingsTable table,
      ChangedVideos changed,
      EmbedClips embed,
      FaceVideoDataset dataset,
      Provenance provenance) {
    if (!changed.isEmpty()) {
      Dataset<Row> clips = ChosenClips.ofVideos(dataset, changed.come());
      table.change(changed, windows(embed, clips, changed.cutAnew(dataset)), provenance);
      table.compact(configuration.dataset().fileSize());
    }
  }

  private static Dataset<Row> windows(EmbedClips embed, Dataset<Row> stored, Dataset<Row> videos) {
    Dataset<Row> clips =
        stored.select(
            col("clip_id"),
            col("track_id"),
            col("video_id"),
            col("person_id"),
            struct("images", "format", "height", "width").as("clip"));
    Dataset<Row> windows =
        clips
            .mapPartitions(
                embed, Encoders.row(clips.schema().add("windows", EmbedClips.WINDOWS, false)))
            .withColumn("window", explode(col("windows")));
    return withCut(windows, videos)
        .select(
            "clip_id",
            "track_id",
            "video_id",
            "person_id",
            "pipeline",
            "boxes",
            "window.first_frame",
            "window.embedding");
  }

  /**
   * Adds to each row how its video was cut. The embeddings, of which there may be very many, are
   * not shuffled.
   */
  static Dataset<Row> withCut(Dataset<Row> windows, Dataset<Row> videos) {
    return windows.join(broadcast(videos.select("video_id", "pipeline", "boxes")), "video_id");
  }
}
