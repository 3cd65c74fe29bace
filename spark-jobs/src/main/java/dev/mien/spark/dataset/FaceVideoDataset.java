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
 * The three tables of a dataset, at one {@link DatasetVersion}: the content of this object never
 * changes. {@link #publish} returns the next version.
 *
 * <p>A change is made to {@code tracks} and {@code clips} first and becomes visible by the one
 * commit to {@code videos} that names their versions; {@link Publication} describes what happens
 * when runs are killed, or two publish at once. Old versions stay readable until a vacuum.
 *
 * <p>Beside the tables lie {@code settings/<pipeline fingerprint>.txt}, with the settings that
 * fingerprints in {@code videos} stand for, and {@code summaries/}, with one file for each run that
 * published, without names of videos.
 */
public final class FaceVideoDataset {

  /** In the order in which the tables are changed. */
  private static final List<String> NAMES = List.of("tracks", "clips", "videos");

  /** Spark's value for an unlimited number of rows in a file. */
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
   * Opens the newest version of a dataset.
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
   * Opens an earlier version.
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
   * Opens the newest version of a dataset, which is created empty where there is none. What a
   * killed run left, some of the tables or rows that it did not publish, does no harm.
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

  /** The videos, with the columns of {@link Tables#VIDEOS}. */
  public Dataset<Row> videos() {
    return read("videos", version.videos());
  }

  /**
   * The videos of every version whose files still exist; a row appears as often as it was written.
   */
  public Dataset<Row> videosOfAnyVersion() throws IOException {
    Path folder = new Path(table(uri, "videos"));
    Set<String> committed = new TableLog(spark, folder.toString()).files();
    List<Path> files =
        Stream.of(folder.getFileSystem(spark.sessionState().newHadoopConf()).listStatus(folder))
            .map(FileStatus::getPath)
            // Others may be cut short.
            .filter(file -> committed.contains(file.getName()))
            .toList();
    return ParquetFiles.read(spark, Tables.VIDEOS, files);
  }

  /** The tracks, with the columns of {@link Tables#TRACKS}. */
  public Dataset<Row> tracks() {
    return read("tracks", version.tracks());
  }

  /** The clips, with the columns of {@link Tables#CLIPS}. */
  public Dataset<Row> clips() {
    return read("clips", version.clips());
  }

  /**
   * Publishes a batch, all or nothing. A row of {@code videos} replaces the row of the same URI,
   * whose tracks and clips are removed.
   *
   * @throws ConcurrentPublicationException when another run published after this version; nothing
   *     is changed then
   */
  public FaceVideoDataset publish(Dataset<Row> videos, Dataset<Row> tracks, Dataset<Row> clips) {
    return publish(videos, tracks, clips, ANY_NUMBER);
  }

  /**
   * Publishes a batch with a limited file size.
   *
   * @param clipsInFile how many clips a file may hold
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
   * at least half that size are left alone, and so are all others while they do not fill a shard:
   * otherwise a nightly run would rewrite the same clips every night. A failure is printed, and
   * leaves the files as they are.
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
   * Deletes files that no version current within the retention period needs, and what runs killed
   * before it have left. Older versions cannot be read afterwards.
   *
   * @param retention from {@link Vacuum#SHORTEST} to {@link Vacuum#LONGEST}
   * @throws ConcurrentPublicationException when something is being erased, or another run published
   *     after this version
   */
  public void vacuum(Duration retention) {
    ErasureMark.check(spark, uri);
    withNewestVideos();
    Publication.settle(spark, uri, version);
    tableUris().forEach(table -> Vacuum.run(spark, table, retention));
  }

  /**
   * A version of the same content that names the newest version of {@code videos}: a vacuum keeps
   * only the newest version's files, and gathering small files publishes nothing.
   */
  private FaceVideoDataset withNewestVideos() {
    return log().newest() == version.videos() ? this : refresh(videos().limit(0));
  }

  /** The Delta tables under the URI that hold the dataset's versions. */
  public List<String> tableUris() {
    return NAMES.stream().map(name -> table(uri, name)).toList();
  }

  /** Whether two URIs name the same dataset, however they are spelled; neither need exist. */
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
    // After an erasure this version can no longer be read.
    return new Publication(spark, uri, version).onto(DatasetVersion.newest(log()).orElse(version));
  }

  private TableLog log() {
    return new TableLog(spark, table(uri, "videos"));
  }

  /** This dataset at another version. */
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
                  // Commits to videos name versions of the other tables, however old.
                  .property(LOG_RETENTION, "interval 3650 days");
          Vacuum.PROPERTIES.forEach(table::property);
          table.execute();
        });
  }

  static String table(String uri, String name) {
    return new Path(uri, name).toString();
  }
}
