package dev.mien.spark.preprocess;

import static org.apache.spark.sql.Encoders.STRING;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Reasons;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.forget.Forgotten;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoLabels;
import dev.mien.spark.preprocess.listing.VideoSource;
import java.util.Collection;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Joins what was found with what the dataset knows, into rows of the videos with work to do and of
 * those that are kept. The rows have the columns of {@link #FOUND}; {@code change}; {@code seconds}
 * where the video was processed; {@code known_hash} where nothing but the time of the file may
 * differ; and {@code pipeline}, which made the video.
 */
final class VideoChanges {

  /** The {@code change} of a video that is kept. */
  static final String KEPT = "KEPT";

  private static final int SOURCES_IN_TASK = 5000;

  private static final StructType FOUND =
      new StructType()
          .add("uri", DataTypes.StringType)
          .add("size", DataTypes.LongType)
          .add("modified", DataTypes.LongType)
          .add("person_id", DataTypes.StringType)
          .add("split", DataTypes.StringType)
          .add("source_video", DataTypes.StringType)
          .add("utterance", DataTypes.StringType)
          .add("problem", DataTypes.StringType)
          .add("row_problem", DataTypes.StringType);

  private VideoChanges() {}

  /**
   * Compares what was found with a version of the dataset.
   *
   * @param pipeline fingerprint of the settings now
   * @param inputs say which videos are preprocessed again though nothing about them has changed
   */
  static Dataset<Row> of(
      SparkSession spark,
      Collection<VideoSource> found,
      FaceVideoDataset dataset,
      String pipeline,
      PreprocessInputs inputs) {
    // A video of another size may be of anybody.
    Column isPerhapsSame = col("size").equalTo(col("known_size"));
    Dataset<Row> here = found(spark, found);
    return here.join(known(dataset), col("uri").equalTo(col("known_uri")), "left")
        .join(freed(spark, here, dataset), col("uri").equalTo(col("freed_uri")), "left")
        .withColumn("change", change(pipeline, inputs))
        .where(col("change").isNotNull())
        .select(
            col("uri"),
            col("size"),
            col("modified"),
            coalesce(col("person_id"), when(isPerhapsSame, col("known_person"))).as("person_id"),
            coalesce(col("split"), when(isPerhapsSame, col("known_split"))).as("split"),
            col("source_video"),
            col("utterance"),
            col("problem"),
            col("row_problem"),
            col("change"),
            // What others claim to last may be wrong.
            when(col("outcome").equalTo(Tables.PROCESSED), col("seconds")).as("seconds"),
            when(
                    isPerhapsSame
                        .and(not(isRelabelled()))
                        .and(not(lacksBoxes(inputs)))
                        .and(isOf(pipeline))
                        .and(not(isQuarantined()))
                        .and(col("freed_uri").isNull()),
                    col("content_hash"))
                .as("known_hash"),
            col("pipeline"));
  }

  private static Dataset<Row> found(SparkSession spark, Collection<VideoSource> videos) {
    return spark.createDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.copyOf(videos), videos.size() / SOURCES_IN_TASK + 1)
            .map(VideoChanges::row),
        FOUND);
  }

  private static Dataset<Row> known(FaceVideoDataset dataset) {
    return dataset
        .videos()
        .select(
            col("uri").as("known_uri"),
            col("size").as("known_size"),
            col("modified").as("known_modified"),
            col("person_id").as("known_person"),
            col("split").as("known_split"),
            col("source_video").as("known_source_video"),
            col("utterance").as("known_utterance"),
            col("content_hash"),
            col("outcome"),
            col("reason"),
            col("seconds"),
            col("pipeline"),
            col("boxes").as("known_boxes"));
  }

  /** The name of the first reason for which there is work to do; null where there is none. */
  private static Column change(String pipeline, PreprocessInputs inputs) {
    Column absent = col("problem").isNotNull();
    Column wasRead = not(col("content_hash").equalTo(""));
    Column retried =
        switch (inputs.retry()) {
          case PREVENTED -> Prevented.videos();
          case QUARANTINED -> isQuarantined();
        };
    return when(absent.and(wasRead), KEPT)
        .when(
            absent.and(Reasons.general(col("reason")).equalTo(Reasons.general(col("problem")))),
            lit(null))
        .when(absent, Change.ABSENT.name())
        .when(col("known_uri").isNull(), Change.NEW.name())
        .when(
            not(col("size").equalTo(col("known_size")))
                .or(not(col("modified").equalTo(col("known_modified")))),
            Change.CHANGED.name())
        .when(isRelabelled(), Change.RELABELLED.name())
        .when(not(isOf(pipeline)), Change.SETTINGS.name())
        .when(lacksBoxes(inputs), Change.BOXES.name())
        .when(retried, Change.RETRIED.name())
        .when(col("freed_uri").isNotNull(), Change.FREED.name());
  }

  private static Column isRelabelled() {
    return isAnother("person_id", "known_person")
        .or(isAnother("split", "known_split"))
        .or(not(col("source_video").eqNullSafe(col("known_source_video"))))
        .or(not(col("utterance").eqNullSafe(col("known_utterance"))));
  }

  /** Whether boxes that the video may have were not looked for when it was preprocessed. */
  private static Column lacksBoxes(PreprocessInputs inputs) {
    return lit(inputs.boxes().isPresent())
        .and(col("source_video").isNotNull()) // as only VoxCeleb's paths give it
        .and(col("known_boxes").isNull());
  }

  private static Column isOf(String pipeline) {
    return col("pipeline").equalTo(pipeline);
  }

  private static Column isQuarantined() {
    return col("outcome").equalTo(Tables.QUARANTINED);
  }

  /**
   * Whether something is said that differs from what is known. Saying nothing leaves what is known.
   */
  private static Column isAnother(String said, String known) {
    return col(said).isNotNull().and(not(col(said).eqNullSafe(col(known))));
  }

  /**
   * The videos that were rejected as copies or as erased, and are neither any longer. What is a
   * copy of a file that is gone has taken its place.
   */
  private static Dataset<Row> freed(
      SparkSession spark, Dataset<Row> found, FaceVideoDataset dataset) {
    Dataset<Row> videos = dataset.videos();
    Forgotten forgotten = Forgotten.read(spark, dataset.uri());
    Object[] lifted =
        videos
            .where(col("reason").equalTo(Duplicates.ERASED_CONTENT))
            .select("uri", "content_hash")
            .collectAsList()
            .stream()
            .filter(row -> !forgotten.includesContent(row.getString(1)))
            .map(row -> row.getString(0))
            .toArray();
    Dataset<Row> duplicates =
        videos
            .where(
                col("outcome")
                    .equalTo(Tables.REJECTED)
                    .and(col("reason").startsWith(Reasons.SAME_CONTENT)))
            .select(
                col("uri").as("freed_uri"),
                col("content_hash").as("freed_hash"),
                substring(col("reason"), Reasons.SAME_CONTENT.length() + 1, Integer.MAX_VALUE)
                    .as("original"));
    Dataset<Row> originals =
        videos
            .where(col("outcome").equalTo(Tables.PROCESSED))
            .select(col("uri").as("original_uri"), col("content_hash").as("original_hash"));
    Column isCopy =
        col("original")
            .equalTo(col("original_uri"))
            .and(col("freed_hash").equalTo(col("original_hash")));
    List<String> elsewhere =
        duplicates
            .join(found.select(col("uri").as("freed_uri")), "freed_uri")
            .join(originals, isCopy)
            .join(found, col("original_uri").equalTo(col("uri")), "left_anti")
            .select("original_uri")
            .distinct()
            .as(STRING())
            .collectAsList();
    Dataset<Row> gone =
        spark
            .createDataset(List.copyOf(GoneFiles.among(spark, elsewhere)), STRING())
            .toDF("original_uri");
    return duplicates
        .join(originals.join(gone, "original_uri", "left_anti"), isCopy, "left_anti")
        .select("freed_uri")
        .union(videos.where(col("uri").isin(lifted)).select("uri"));
  }

  private static Row row(VideoSource source) {
    VideoLabels labels = source.labels();
    return RowFactory.create(
        source.uri(),
        source.size(),
        source.modified(),
        labels.person(),
        labels.split(),
        labels.sourceVideo(),
        labels.utterance(),
        source.problem(),
        source.rowProblem());
  }
}
