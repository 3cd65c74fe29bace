package dev.mien.spark.preprocess;

import static java.util.stream.Collectors.toCollection;
import static org.apache.spark.sql.functions.col;

import dev.mien.spark.config.DatasetOptions;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Tables;
import dev.mien.spark.preprocess.PlannedVideo.Change;
import dev.mien.spark.preprocess.listing.VideoSource;
import dev.mien.spark.preprocess.task.Artefact;
import dev.mien.spark.preprocess.task.Artefact.Kind;
import dev.mien.spark.preprocess.task.PreprocessTask;
import dev.mien.spark.progress.FirstLine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Preprocesses videos batch by batch, the longest first, and publishes each batch by one commit:
 * the videos, their tracks and their clips, or nothing of them.
 */
final class VideoBatches {

  /**
   * Tries before giving up on a batch; one fails when some of its videos gave something else when
   * they were decoded again.
   */
  private static final int ATTEMPTS = 3;

  /** Rows of videos that a task brings along, some 600 bytes each. */
  private static final int ROWS_IN_TASK = 1000;

  /** Bytes of a track: eight thumbnails of 10 KiB; the rest is small beside them. */
  private static final long TRACK_BYTES = 80 << 10;

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Configuration hadoop;
  private final MienConfiguration configuration;
  private final Optional<String> boxes;
  private final String uri;

  /**
   * Publishes batches into a dataset.
   *
   * @param boxes as {@link PreprocessInputs} has them
   * @param uri the dataset's
   */
  VideoBatches(
      SparkSession spark, MienConfiguration configuration, Optional<String> boxes, String uri) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.hadoop = spark.sessionState().newHadoopConf();
    this.configuration = configuration;
    this.boxes = boxes;
    this.uri = uri;
  }

  /**
   * The first videos, as many as the options allow in a batch, and one at least.
   *
   * @param tasks how many run at once
   */
  static List<PlannedVideo> first(
      List<PlannedVideo> videos, MienConfiguration configuration, Costs costs, int tasks) {
    DatasetOptions options = configuration.dataset();
    double longest =
        (double) options.batchSize()
            * tasks
            / costs.spilledBytes(configuration.preprocessing().frameFormat());
    int count = 0;
    double seconds = 0;
    while (count < Math.min(videos.size(), options.batchVideos())) {
      seconds += videos.get(count).seconds(costs);
      if (count > 0 && seconds > longest) {
        break;
      }
      count++;
    }
    return videos.subList(0, count);
  }

  /**
   * Preprocesses videos, publishes them onto the newest version and returns the dataset after that.
   * When artefacts are lost with an executor and give something else the second time, the whole
   * batch is decoded anew: Spark's own retry of a task would find the artefacts that were kept.
   *
   * @param costs by which tasks are balanced
   * @param watch told which videos tasks are at
   * @param done counts videos as tasks finish them
   * @param tally told what became of each video
   */
  FaceVideoDataset publish(
      List<PlannedVideo> batch,
      Costs costs,
      TaskWatch watch,
      LongAccumulator done,
      SummaryTally tally) {
    long before = done.value();
    for (int attempt = 1; ; attempt++) {
      try {
        return publishOnce(batch, costs, watch, done, tally);
      } catch (Exception e) { // Spark throws checked ones that it does not declare
        Optional<String> otherwise = DecodedOtherwiseException.among(e);
        if (otherwise.isEmpty()) {
          throw e;
        }
        if (attempt == ATTEMPTS) {
          throw new IllegalStateException(
              otherwise.get() + " (nothing of its batch is published; run mien preprocess again)",
              e);
        }
        System.out.println(otherwise.get() + "; decoding its batch anew");
        done.reset();
        done.add(before);
      }
    }
  }

  private FaceVideoDataset publishOnce(
      List<PlannedVideo> batch,
      Costs costs,
      TaskWatch watch,
      LongAccumulator done,
      SummaryTally tally) {
    List<List<PlannedVideo>> tasks = tasks(batch, costs);
    JavaRDD<Artefact> artefacts = artefacts(tasks, done).persist(StorageLevel.DISK_ONLY());
    try {
      watch.expect(tasks, costs);
      context.setJobDescription(
          "Preprocess %d videos in %d tasks, the longest first"
              .formatted(batch.size(), tasks.size()));
      List<VideoRow> videos = videos(artefacts, batch);
      watch.expect(List.of(), costs);

      context.setJobDescription("Publish " + videos.size() + " videos into " + uri);
      Published published =
          PublicationRetry.publish(
              spark, uri, dataset -> publish(videos, artefacts, batch, dataset));
      tally.add(published.settlement());
      if (!published.settlement().videos().isEmpty()) { // else it is perhaps another run's version
        tally.reach(published.dataset().version());
      }
      return published.dataset();
    } finally {
      free(artefacts);
    }
  }

  /** Waits until the artefacts are gone: the next batch needs their room on the disks. */
  private static void free(JavaRDD<Artefact> artefacts) {
    try {
      artefacts.unpersist(true);
    } catch (Exception e) { // of an executor that does not answer, which need not end a batch
      if (e instanceof InterruptedException) { // which Scala's methods do not declare
        Thread.currentThread().interrupt();
      }
      System.out.println("Cannot free the disks of a batch: " + FirstLine.of(e));
    }
  }

  /** The videos of each task; those that are listed without a file are not decoded. */
  private List<List<PlannedVideo>> tasks(List<PlannedVideo> batch, Costs costs) {
    return TaskList.balance(
        batch.stream().filter(video -> video.change() != Change.ABSENT).toList(),
        costs,
        context.defaultParallelism());
  }

  /** The artefacts of videos, a partition for each task. Videos are decoded when it is computed. */
  private JavaRDD<Artefact> artefacts(List<List<PlannedVideo>> tasks, LongAccumulator done) {
    return context
        .parallelize(tasks.stream().map(VideoBatches::sources).toList(), Math.max(1, tasks.size()))
        .flatMap(List::iterator)
        .mapPartitions(
            new PreprocessTask(
                context.broadcast(configuration.preprocessing()),
                context.broadcast(configuration.isolation()),
                context.broadcast(new SerializableConfiguration(hadoop)),
                boxes,
                done));
  }

  private static List<VideoSource> sources(List<PlannedVideo> task) {
    return task.stream().map(PlannedVideo::source).collect(toCollection(ArrayList::new));
  }

  /** Decodes a batch and returns the rows of all of its videos, in the order of their URIs. */
  private List<VideoRow> videos(JavaRDD<Artefact> artefacts, List<PlannedVideo> batch) {
    List<Row> decoded =
        artefacts.filter(artefact -> artefact.kind() == Kind.VIDEO).map(Artefact::row).collect();
    return Stream.concat(decoded.stream(), absent(batch))
        .map(VideoRow::new)
        .sorted(Comparator.comparing(VideoRow::uri))
        .toList();
  }

  private Stream<Row> absent(List<PlannedVideo> batch) {
    String pipeline = configuration.preprocessing().fingerprint();
    return batch.stream()
        .map(PlannedVideo::source)
        .filter(source -> source.problem() != null)
        .map(source -> Artefact.unread(source, pipeline, source.problem()).row());
  }

  /** The dataset after a batch, which is as it was when the batch was no news to it. */
  private record Published(FaceVideoDataset dataset, Settlement settlement) {}

  /** Settles a batch in this version of the dataset, and publishes what is news to it. */
  private Published publish(
      List<VideoRow> decoded,
      JavaRDD<Artefact> artefacts,
      List<PlannedVideo> batch,
      FaceVideoDataset dataset) {
    Settlement settlement = Settlement.of(decoded, batch, spark, dataset);
    List<VideoRow> videos = settlement.videos();
    if (videos.isEmpty()) {
      return new Published(dataset, settlement);
    }
    List<Row> rows = VideoRow.rows(settlement.rows());
    FaceVideoDataset published =
        dataset.publish(
            spark.createDataFrame(
                context.parallelize(rows, rows.size() / ROWS_IN_TASK + 1), Tables.VIDEOS),
            tracks(artefacts, videos),
            clips(artefacts, videos),
            clipsInFile(videos));
    return new Published(published, settlement);
  }

  /**
   * The rows of one table, without those of rejected videos.
   *
   * <p>Tasks decode again what was lost with an executor, and fail when that gives something else.
   */
  private Dataset<Row> rows(
      JavaRDD<Artefact> artefacts, Kind kind, List<VideoRow> videos, StructType columns) {
    Broadcast<HashMap<String, SettledVideo>> settled =
        context.broadcast(SettledVideo.byUri(videos));
    return spark.createDataFrame(
        artefacts
            .filter(artefact -> SettledVideo.include(settled.value(), artefact))
            .filter(artefact -> artefact.kind() == kind)
            .map(Artefact::row),
        columns);
  }

  private Dataset<Row> tracks(JavaRDD<Artefact> artefacts, List<VideoRow> videos) {
    // A shuffle: one task would otherwise read the clips of all videos, to pass over them.
    return rows(artefacts, Kind.TRACK, videos, Tables.TRACKS)
        .repartition(trackFiles(videos, configuration.dataset().fileSize()), col("video_id"));
  }

  /**
   * The clips to append. Where no video of the batch has any, the artefacts, which would all have
   * to be read, are not looked at.
   */
  private Dataset<Row> clips(JavaRDD<Artefact> artefacts, List<VideoRow> videos) {
    return clipBytes(videos) == 0
        ? spark.createDataFrame(List.of(), Tables.CLIPS)
        : rows(artefacts, Kind.CLIP, videos, Tables.CLIPS).coalesce(files(videos));
  }

  /** How many files to write tracks to, such that a video's tracks lie in one. */
  static int trackFiles(List<VideoRow> videos, long fileSize) {
    long tracks = videos.stream().filter(VideoRow::isProcessed).mapToLong(VideoRow::tracks).sum();
    return Math.toIntExact(tracks * TRACK_BYTES / fileSize + 1);
  }

  private int files(List<VideoRow> videos) {
    return Math.toIntExact(clipBytes(videos) / configuration.dataset().fileSize() + 1);
  }

  /**
   * How many clips a file may hold, by their mean size: a task of long videos would otherwise write
   * one file of gigabytes. Not so few that every part a little above the others leaves a small
   * file.
   */
  private long clipsInFile(List<VideoRow> videos) {
    long clips = videos.stream().mapToLong(VideoRow::clips).sum();
    long bytes = Math.max(1, clipBytes(videos));
    return Math.max(1, 3 * configuration.dataset().fileSize() * clips / (2 * bytes));
  }

  private static long clipBytes(List<VideoRow> videos) {
    return videos.stream().mapToLong(VideoRow::clipBytes).sum();
  }
}
