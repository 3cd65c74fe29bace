package dev.mien.spark.preprocess;

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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What is to be done, by what was found and what the dataset knows. Spark joins the two; only the
 * videos with work to do come back, and those that are kept.
 *
 * @param videos in the order of their URIs
 * @param unchanged videos found for which nothing is to be done
 * @param kept videos listed whose files are not there now and were read once, by the reason without
 *     its details: they stay as the dataset has them, as those do that are gone from a tree
 * @param otherSettings videos that will be redone, by the pipeline that made them
 */
record PreprocessPlan(
    List<PlannedVideo> videos,
    long unchanged,
    SortedMap<String, Long> kept,
    SortedMap<String, Long> otherSettings,
    Costs costs) {

  private static final int SOURCES_IN_TASK = 5000;

  /** In place of a change. */
  private static final String KEPT = "KEPT";

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

  /**
   * @param dataset none when it is not made yet
   * @param pipeline fingerprint of the settings now
   * @param retry what is tried again without any change
   */
  static PreprocessPlan of(
      SparkSession spark,
      Collection<VideoSource> found,
      Optional<FaceVideoDataset> dataset,
      String pipeline,
      Retry retry) {
    Costs costs = Costs.of(dataset);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    context.setJobDescription("Compare " + found.size() + " videos with the dataset");
    List<PlannedVideo> videos = new ArrayList<>();
    SortedMap<String, Long> kept = new TreeMap<>();
    SortedMap<String, Long> otherSettings = new TreeMap<>();
    if (dataset.isEmpty()) {
      found.forEach(source -> videos.add(planned(source)));
    } else {
      List<Row> rows =
          changes(context, spark, found, dataset.get(), pipeline, retry).collectAsList();
      for (Row row : rows) {
        if (row.getString(8).equals(KEPT)) {
          kept.merge(Reasons.general(row.getString(7)), 1L, Long::sum);
          continue;
        }
        PlannedVideo video = planned(row);
        videos.add(video);
        if (video.change() == Change.SETTINGS) {
          otherSettings.merge(row.getString(11), 1L, Long::sum);
        }
      }
    }

    videos.sort(Comparator.comparing(video -> video.source().uri()));
    long keptVideos = kept.values().stream().mapToLong(Long::longValue).sum();
    return new PreprocessPlan(
        videos, found.size() - videos.size() - keptVideos, kept, otherSettings, costs);
  }

  /** How many videos, by why. */
  SortedMap<Change, Long> counts() {
    return videos.stream()
        .collect(Collectors.groupingBy(PlannedVideo::change, TreeMap::new, Collectors.counting()));
  }

  /** Videos that stay unchanged when others are preprocessed, too, some perhaps a second time. */
  long unchangedBut(List<PlannedVideo> others) {
    Set<String> planned =
        videos.stream().map(video -> video.source().uri()).collect(Collectors.toSet());
    return unchanged
        - others.stream().filter(video -> !planned.contains(video.source().uri())).count();
  }

  /** Whether one that others were rejected as copies of may become another. */
  boolean mayFreeCopies() {
    return videos.stream()
        .anyMatch(
            video ->
                switch (video.change()) {
                  case NEW, ABSENT -> false; // nothing was processed of it
                  case CHANGED, RELABELLED, SETTINGS, RETRIED, FREED -> true;
                });
  }

  double seconds() {
    return videos.stream().mapToDouble(video -> video.seconds(costs)).sum();
  }

  /**
   * The rows of {@link #FOUND} with work to do or kept, then change, seconds where it was
   * processed, hash and pipeline known, and last the problem of the list's row.
   */
  private static Dataset<Row> changes(
      JavaSparkContext context,
      SparkSession spark,
      Collection<VideoSource> found,
      FaceVideoDataset dataset,
      String pipeline,
      Retry retry) {
    Dataset<Row> sources =
        spark.createDataFrame(
            context
                .parallelize(List.copyOf(found), found.size() / SOURCES_IN_TASK + 1)
                .map(PreprocessPlan::row),
            FOUND);
    Dataset<Row> known =
        dataset
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
                col("pipeline"));
    Column absent = col("problem").isNotNull();
    Column wasRead = not(col("content_hash").equalTo(""));
    Column relabelled =
        isAnother("person_id", "known_person")
            .or(isAnother("split", "known_split"))
            .or(not(col("source_video").eqNullSafe(col("known_source_video"))))
            .or(not(col("utterance").eqNullSafe(col("known_utterance"))));
    Column isOfThisPipeline = col("pipeline").equalTo(pipeline);
    Column isQuarantined = col("outcome").equalTo(Tables.QUARANTINED);
    Column retried =
        switch (retry) {
          case PREVENTED -> Prevented.videos();
          case QUARANTINED -> isQuarantined;
        };
    // A video of another size may be of anybody.
    Column isPerhapsSame = col("size").equalTo(col("known_size"));
    Column perhapsTouched =
        when(
            isPerhapsSame.and(not(relabelled)).and(isOfThisPipeline).and(not(isQuarantined)),
            col("content_hash"));
    Column change =
        when(absent.and(wasRead), KEPT)
            .when(
                absent.and(Reasons.general(col("reason")).equalTo(Reasons.general(col("problem")))),
                lit(null))
            .when(absent, Change.ABSENT.name())
            .when(col("known_uri").isNull(), Change.NEW.name())
            .when(
                not(col("size").equalTo(col("known_size")))
                    .or(not(col("modified").equalTo(col("known_modified")))),
                Change.CHANGED.name())
            .when(relabelled, Change.RELABELLED.name())
            .when(not(isOfThisPipeline), Change.SETTINGS.name())
            .when(retried, Change.RETRIED.name())
            .when(col("freed_uri").isNotNull(), Change.FREED.name());
    return sources
        .join(known, col("uri").equalTo(col("known_uri")), "left")
        .join(freed(spark, dataset), col("uri").equalTo(col("freed_uri")), "left")
        .withColumn("change", change)
        .where(col("change").isNotNull())
        .select(
            col("uri"),
            col("size"),
            col("modified"),
            coalesce(col("person_id"), when(isPerhapsSame, col("known_person"))),
            coalesce(col("split"), when(isPerhapsSame, col("known_split"))),
            col("source_video"),
            col("utterance"),
            col("problem"),
            col("change"),
            // What others claim to last may be wrong.
            when(col("outcome").equalTo(Tables.PROCESSED), col("seconds")).as("seconds"),
            perhapsTouched.as("known_hash"),
            col("pipeline"),
            col("row_problem"));
  }

  /** Who says nothing leaves what is known. */
  private static Column isAnother(String said, String known) {
    return col(said).isNotNull().and(not(col(said).eqNullSafe(col(known))));
  }

  /** Videos rejected as copies, or as erased, that no longer are either. */
  private static Dataset<Row> freed(SparkSession spark, FaceVideoDataset dataset) {
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
    return duplicates
        .join(
            originals,
            col("original")
                .equalTo(col("original_uri"))
                .and(col("freed_hash").equalTo(col("original_hash"))),
            "left_anti")
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

  private static PlannedVideo planned(VideoSource source) {
    return new PlannedVideo(source, source.problem() == null ? Change.NEW : Change.ABSENT, 0, null);
  }

  private static PlannedVideo planned(Row row) {
    VideoLabels labels =
        new VideoLabels(row.getString(3), row.getString(4), row.getString(5), row.getString(6));
    VideoSource source =
        new VideoSource(
            row.getString(0),
            row.getLong(1),
            row.getLong(2),
            labels,
            row.getString(7),
            row.getString(12));
    Change change = Change.valueOf(row.getString(8));
    boolean isKnown = change != Change.CHANGED && !row.isNullAt(9);
    return new PlannedVideo(source, change, isKnown ? row.getDouble(9) : 0, row.getString(10));
  }
}
