package dev.mien.spark.preprocess;

import static org.apache.spark.sql.functions.col;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.preprocess.Artefact.Kind;
import dev.mien.spark.progress.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Preprocesses the videos that the dataset does not hold yet, or holds in another state or by other
 * settings, and publishes each batch of them by one commit.
 */
public final class PreprocessJob {

  private static final int MAXIMUM_PARTITIONS = 10_000;
  private static final int URI = Tables.VIDEOS.fieldIndex("uri");
  private static final int CLIP_BYTES = Tables.VIDEOS.fieldIndex("clip_bytes");

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final MienConfiguration configuration;

  public PreprocessJob(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.configuration = configuration;
  }

  /**
   * Preprocesses what is new and returns what became of it.
   *
   * @param input a folder, a file or a glob of any Hadoop file system
   * @param uri of the dataset, which is made where there is none
   * @throws IOException when the input cannot be listed
   */
  public PreprocessSummary run(String input, String uri) throws IOException {
    List<VideoSource> found = VideoListing.list(spark.sessionState().newHadoopConf(), input);
    FaceVideoDataset dataset = FaceVideoDataset.openOrCreate(spark, uri);
    List<VideoSource> fresh = withoutKnown(found, dataset);
    int batchSize = configuration.dataset().batchVideos();
    List<Row> outcomes = new ArrayList<>();
    LongAccumulator done = spark.sparkContext().longAccumulator("videos preprocessed");

    try (Progress progress = Progress.start("Preprocess", "videos", fresh.size())) {
      Watch watch = new Watch(progress, done);
      spark.sparkContext().addSparkListener(watch);
      for (int from = 0; from < fresh.size(); from += batchSize) {
        List<VideoSource> batch = fresh.subList(from, Math.min(fresh.size(), from + batchSize));
        context.setJobDescription("Preprocess " + batch.size() + " videos into " + uri);
        dataset = publish(batch, dataset, done, outcomes);
      }
      spark.sparkContext().removeSparkListener(watch);
      progress.reach(fresh.size(), "published");
    }

    return PreprocessSummary.of(found.size() - fresh.size(), outcomes);
  }

  private List<VideoSource> withoutKnown(List<VideoSource> found, FaceVideoDataset dataset) {
    String pipeline = configuration.preprocessing().fingerprint();
    Set<VideoSource> known = new HashSet<>();
    dataset
        .videos()
        .where(col("pipeline").equalTo(pipeline))
        .where(col("content_hash").notEqual("")) // those that could not be read are tried again
        .select("uri", "size", "modified")
        .collectAsList()
        .forEach(
            row -> known.add(new VideoSource(row.getString(0), row.getLong(1), row.getLong(2))));
    return found.stream().filter(video -> !known.contains(video)).toList();
  }

  private FaceVideoDataset publish(
      List<VideoSource> batch, FaceVideoDataset dataset, LongAccumulator done, List<Row> outcomes) {
    JavaRDD<Artefact> artefacts =
        context
            .parallelize(largestFirst(batch), Math.min(batch.size(), MAXIMUM_PARTITIONS))
            .mapPartitions(
                new PreprocessTask(
                    context.broadcast(configuration.preprocessing()),
                    context.broadcast(configuration.isolation()),
                    context.broadcast(
                        new SerializableConfiguration(spark.sessionState().newHadoopConf())),
                    done))
            .persist(StorageLevel.DISK_ONLY());

    try {
      List<Row> videos =
          Duplicates.reject(
              artefacts
                  .filter(artefact -> artefact.kind() == Kind.VIDEO)
                  .map(Artefact::row)
                  .collect()
                  .stream()
                  .sorted(Comparator.comparing(row -> row.getString(URI)))
                  .toList(),
              dataset);
      outcomes.addAll(videos);

      return dataset.publish(
          spark.createDataFrame(videos, Tables.VIDEOS),
          rows(artefacts, Kind.TRACK, videos, Tables.TRACKS).coalesce(1),
          rows(artefacts, Kind.CLIP, videos, Tables.CLIPS).coalesce(files(videos)));
    } finally {
      artefacts.unpersist();
    }
  }

  /** The rows of one table, without those of rejected videos. */
  private Dataset<Row> rows(
      JavaRDD<Artefact> artefacts, Kind kind, List<Row> videos, StructType columns) {
    Broadcast<Set<String>> kept =
        context.broadcast(
            videos.stream()
                .filter(Duplicates::isProcessed)
                .map(video -> video.getString(URI))
                .collect(Collectors.toSet()));
    return spark.createDataFrame(
        artefacts
            .filter(artefact -> artefact.kind() == kind && kept.value().contains(artefact.uri()))
            .map(Artefact::row),
        columns);
  }

  private int files(List<Row> videos) {
    long bytes = videos.stream().mapToLong(video -> video.getLong(CLIP_BYTES)).sum();
    return Math.toIntExact(bytes / configuration.dataset().fileSize() + 1);
  }

  /** Deals the videos out so that a long one does not start last, and none follows on another. */
  private static List<VideoSource> largestFirst(List<VideoSource> videos) {
    return videos.stream()
        .sorted(
            Comparator.comparingLong(VideoSource::size).reversed().thenComparing(VideoSource::uri))
        .toList();
  }

  /** Shows each video as done when its task is. */
  private static final class Watch extends SparkListener {

    private final Progress progress;
    private final LongAccumulator done;

    private Watch(Progress progress, LongAccumulator done) {
      this.progress = progress;
      this.done = done;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      progress.reach(done.value(), "");
    }
  }
}
