package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.col;

import dev.mien.spark.storage.WholeUri;
import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The three tables under one URI, as of one {@link DatasetVersion}: what this object shows never
 * changes. {@link #publish} gives the next one.
 *
 * <p>A change is made to {@code tracks} and {@code clips} first and becomes visible by the one
 * commit to {@code videos} that names their versions; see {@link Publication} for what happens when
 * runs are killed, or two publish at once. Old versions stay readable until a vacuum.
 *
 * <p>Beside the tables lie {@code settings/<pipeline fingerprint>.txt}, what the fingerprints in
 * {@code videos} stand for, and {@code summaries/}, a file a run that published, without names of
 * videos.
 */
public final class FaceVideoDataset {

  /** In the order in which they are changed. */
  private static final List<String> NAMES = List.of("tracks", "clips", "videos");

  /** Of rows in a file, as Spark says it. */
  private static final long ANY_NUMBER = 0;

  private static final String LOG_RETENTION = "delta.logRetentionDuration";

  private final SparkSession spark;
  private final String uri;
  private final DatasetVersion version;

  private FaceVideoDataset(SparkSession spark, String uri, DatasetVersion version) {
    this.spark = spark;
    this.uri = uri;
    this.version = version;
  }

  /**
   * The newest version of a dataset.
   *
   * @throws IllegalArgumentException when there is none at the URI
   */
  public static FaceVideoDataset open(SparkSession spark, String uri) {
    if (!exists(spark, uri)) {
      throw new IllegalArgumentException(
          "No Mien dataset at "
              + uri
              + " (make one with: mien preprocess … --dataset "
              + uri
              + ")");
    }

    TableLog log = new TableLog(spark, table(uri, "videos"));
    DatasetVersion newest =
        DatasetVersion.newest(log)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Not a Mien dataset: %s (its table of videos names no clips)"
                            .formatted(uri)));
    List<String> missing = new ArrayList<>(List.of(Tables.VIDEOS.fieldNames()));
    missing.removeAll(List.of(log.newestSnapshot().schema().fieldNames()));
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "Dataset %s was made by another Mien: its videos have no %s (preprocess into another one)"
              .formatted(uri, String.join(", ", missing)));
    }
    return new FaceVideoDataset(spark, uri, newest);
  }

  /**
   * A version that was published before.
   *
   * @param videos version of the {@code videos} table
   * @throws NoSuchVersionException when there is none
   */
  public static FaceVideoDataset open(SparkSession spark, String uri, long videos) {
    FaceVideoDataset newest = open(spark, uri);
    return DatasetVersion.at(newest.log(), videos)
        .map(newest::at)
        .orElseThrow(() -> new NoSuchVersionException(uri, videos));
  }

  /**
   * The newest version of a dataset, which is made empty where there is none. What a killed run
   * left, half of the tables or rows that it did not publish, is no hindrance.
   */
  public static FaceVideoDataset openOrCreate(SparkSession spark, String uri) {
    if (!exists(spark, uri)) {
      create(spark, table(uri, "tracks"), Tables.TRACKS, "");
      create(spark, table(uri, "clips"), Tables.CLIPS, "");
      create(spark, table(uri, "videos"), Tables.VIDEOS, DatasetVersion.pin(0, 0, "created"));
    }

    return open(spark, uri);
  }

  /** Whether there is a dataset at the URI. */
  public static boolean exists(SparkSession spark, String uri) {
    return DeltaTable.isDeltaTable(spark, table(uri, "videos"));
  }

  public String uri() {
    return uri;
  }

  public DatasetVersion version() {
    return version;
  }

  /** The columns are {@link Tables#VIDEOS}. */
  public Dataset<Row> videos() {
    return read("videos", version.videos());
  }

  /**
   * The same columns of every version whose files are still there, a row as often as it was
   * written.
   */
  public Dataset<Row> videosOfAnyVersion() throws IOException {
    Path folder = new Path(table(uri, "videos"));
    Set<String> committed = new TableLog(spark, folder.toString()).files();
    List<Path> files =
        Stream.of(folder.getFileSystem(spark.sessionState().newHadoopConf()).listStatus(folder))
            .map(FileStatus::getPath)
            .filter(file -> committed.contains(file.getName())) // others may be cut short
            .toList();
    return ParquetFiles.read(spark, Tables.VIDEOS, files);
  }

  /** The columns are {@link Tables#TRACKS}. */
  public Dataset<Row> tracks() {
    return read("tracks", version.tracks());
  }

  /** The columns are {@link Tables#CLIPS}. */
  public Dataset<Row> clips() {
    return read("clips", version.clips());
  }

  /**
   * Adds a batch, all or nothing. A row of {@code videos} replaces the one of the same URI, whose
   * tracks and clips go.
   *
   * @throws ConcurrentPublicationException when another run published after this version; nothing
   *     is changed then
   */
  public FaceVideoDataset publish(Dataset<Row> videos, Dataset<Row> tracks, Dataset<Row> clips) {
    return publish(videos, tracks, clips, ANY_NUMBER);
  }

  /**
   * The same.
   *
   * @param clipsInFile how many clips a file of theirs may hold
   */
  public FaceVideoDataset publish(
      Dataset<Row> videos, Dataset<Row> tracks, Dataset<Row> clips, long clipsInFile) {
    Publication publication = publication();
    Object[] replaced =
        videos()
            .where(col("outcome").equalTo(Tables.PROCESSED))
            .join(videos.select("uri"), "uri")
            .select("video_id")
            .as(Encoders.STRING())
            .collectAsList()
            .toArray();

    return at(
        publication
            .change("tracks", table -> replace(table, "tracks", replaced, tracks, ANY_NUMBER))
            .change("clips", table -> replace(table, "clips", replaced, clips, clipsInFile))
            .commit(table -> replace(table, videos)));
  }

  /**
   * Replaces the rows of {@code videos} of the same URIs; their tracks and clips stay.
   *
   * @throws ConcurrentPublicationException as {@link #publish} does
   */
  public FaceVideoDataset refresh(Dataset<Row> videos) {
    return at(publication().commit(table -> replace(table, videos)));
  }

  /**
   * Gathers small files into shards of about this size, in a version of the same content. Files of
   * half that size and larger are left, and so is everything while the small ones do not fill a
   * shard: a nightly run would write the same clips every night. What cannot be gathered is said,
   * and left as it is.
   */
  public FaceVideoDataset compact(long fileSize) {
    return Compaction.attempt(
        uri,
        "all is published; the next run tries it again",
        this,
        () -> compact(new Compaction(spark, fileSize)));
  }

  private FaceVideoDataset compact(Compaction compaction) {
    if (!compaction.isWorthwhile(table(uri, "clips"), version.clips())) {
      return this;
    }

    FaceVideoDataset compacted =
        at(
            publication()
                .change("tracks", compaction::run)
                .change("clips", compaction::run)
                .commit(table -> replace(table, videos().limit(0))));
    return Compaction.attempt(
        "videos in " + uri,
        "all is published",
        compacted,
        () -> {
          compaction.run(DeltaTable.forPath(spark, table(uri, "videos")));
          return compacted.withNewestVideos();
        });
  }

  /**
   * Deletes the files that no version needs which was current within the retention period, and what
   * killed runs left before it. Older versions cannot be read afterwards.
   *
   * @param retention from {@link Vacuum#SHORTEST} to {@link Vacuum#LONGEST}
   * @throws ConcurrentPublicationException while something is being erased, and when another run
   *     published after this version
   */
  public void vacuum(Duration retention) {
    ErasureMark.check(spark, uri);
    withNewestVideos();
    Publication.settle(spark, uri, version);
    tableUris().forEach(table -> Vacuum.run(spark, table, retention));
  }

  /**
   * A version of the same content of which {@code videos} is the newest there is: a vacuum keeps
   * the files of no other, and what gathers small files publishes nothing.
   */
  private FaceVideoDataset withNewestVideos() {
    return log().newest() == version.videos() ? this : refresh(videos().limit(0));
  }

  /** The Delta tables under the URI that hold the dataset's versions. */
  public List<String> tableUris() {
    return NAMES.stream().map(name -> table(uri, name)).toList();
  }

  /** Whether it is one dataset, however its URI is spelled; neither needs to be there. */
  public static boolean isSame(SparkSession spark, String one, String other) throws IOException {
    return !one.isEmpty()
        && !other.isEmpty()
        && WholeUri.qualified(spark, new Path(one))
            .equals(WholeUri.qualified(spark, new Path(other)));
  }

  private Publication publication() {
    ErasureMark.check(spark, uri);
    return ontoNewest();
  }

  Publication ontoNewest() {
    // After an erasure this version cannot even be read.
    return new Publication(spark, uri, version).onto(DatasetVersion.newest(log()).orElse(version));
  }

  private TableLog log() {
    return new TableLog(spark, table(uri, "videos"));
  }

  /** Another version of it. */
  FaceVideoDataset at(DatasetVersion next) {
    return new FaceVideoDataset(spark, uri, next);
  }

  private void replace(
      DeltaTable table, String name, Object[] videoIds, Dataset<Row> rows, long rowsInFile) {
    if (videoIds.length > 0) {
      table.delete(col("video_id").isin(videoIds));
    }
    rows.write()
        .format("delta")
        .mode("append")
        .option("maxRecordsPerFile", rowsInFile)
        .save(table(uri, name));
  }

  private static void replace(DeltaTable table, Dataset<Row> videos) {
    table
        .as("old")
        .merge(videos.as("new"), "old.uri = new.uri")
        .whenMatched()
        .updateAll()
        .whenNotMatched()
        .insertAll()
        .execute();
  }

  private Dataset<Row> read(String table, long at) {
    return spark.read().format("delta").option("versionAsOf", at).load(table(uri, table));
  }

  private static void create(SparkSession spark, String path, StructType columns, String metadata) {
    Publication.create(
        spark,
        metadata,
        () -> {
          DeltaTableBuilder table =
              DeltaTable.createIfNotExists(spark)
                  .location(path)
                  .addColumns(columns)
                  // A commit to videos names versions of the others, of whatever age.
                  .property(LOG_RETENTION, "interval 3650 days");
          Vacuum.PROPERTIES.forEach(table::property);
          table.execute();
        });
  }

  static String table(String uri, String name) {
    return new Path(uri, name).toString();
  }
}
