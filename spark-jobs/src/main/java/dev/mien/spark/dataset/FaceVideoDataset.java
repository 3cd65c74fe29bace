package dev.mien.spark.dataset;

import static org.apache.spark.sql.functions.col;

import io.delta.tables.DeltaTable;
import java.util.List;
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
 * <p>A batch appends to {@code tracks} and {@code clips} first and becomes visible by the one
 * commit to {@code videos} that names their versions. What a killed job left behind in the first
 * two is beyond those versions: no reader sees it, and the next batch takes it back.
 */
public final class FaceVideoDataset {

  private static final String USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata";

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
    if (!exists(spark, table(uri, "videos"))) {
      throw new IllegalArgumentException(
          "No Mien dataset at " + uri + " (make one with: mien preprocess --dataset " + uri + ")");
    }

    return new FaceVideoDataset(spark, uri, published(spark, uri).get(0));
  }

  /**
   * A version that was published before.
   *
   * @param videos version of the {@code videos} table
   * @throws IllegalArgumentException when there is no such version
   */
  public static FaceVideoDataset open(SparkSession spark, String uri, long videos) {
    open(spark, uri);
    return published(spark, uri).stream()
        .filter(version -> version.videos() == videos)
        .findFirst()
        .map(version -> new FaceVideoDataset(spark, uri, version))
        .orElseThrow(
            () -> new IllegalArgumentException("Dataset " + uri + " has no version " + videos));
  }

  /** The newest version of a dataset, which is made empty where there is none. */
  public static FaceVideoDataset openOrCreate(SparkSession spark, String uri) {
    if (!exists(spark, table(uri, "videos"))) {
      create(spark, table(uri, "tracks"), Tables.TRACKS);
      create(spark, table(uri, "clips"), Tables.CLIPS);
      spark
          .conf()
          .set(
              USER_METADATA,
              DatasetVersion.pin(
                  latest(spark, table(uri, "tracks")), latest(spark, table(uri, "clips"))));
      try {
        create(spark, table(uri, "videos"), Tables.VIDEOS);
      } finally {
        spark.conf().unset(USER_METADATA);
      }
    }

    return open(spark, uri);
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
   */
  public FaceVideoDataset publish(Dataset<Row> videos, Dataset<Row> tracks, Dataset<Row> clips) {
    takeBackUnpublished("tracks", version.tracks());
    takeBackUnpublished("clips", version.clips());

    List<String> replaced =
        videos()
            .where(col("outcome").equalTo(Tables.PROCESSED))
            .join(videos.select("uri"), "uri")
            .select("video_id")
            .as(Encoders.STRING())
            .collectAsList();
    append("tracks", tracks, replaced);
    append("clips", clips, replaced);

    String pins =
        DatasetVersion.pin(latest(spark, table(uri, "tracks")), latest(spark, table(uri, "clips")));
    spark.conf().set(USER_METADATA, pins);
    try {
      DeltaTable.forPath(spark, table(uri, "videos"))
          .as("old")
          .merge(videos.as("new"), "old.uri = new.uri")
          .whenMatched()
          .updateAll()
          .whenNotMatched()
          .insertAll()
          .execute();
    } finally {
      spark.conf().unset(USER_METADATA);
    }

    return open(spark, uri);
  }

  private void append(String table, Dataset<Row> rows, List<String> replaced) {
    if (!replaced.isEmpty()) {
      DeltaTable.forPath(spark, table(uri, table)).delete(col("video_id").isInCollection(replaced));
    }

    rows.write().format("delta").mode("append").save(table(uri, table));
  }

  private void takeBackUnpublished(String table, long published) {
    if (latest(spark, table(uri, table)) > published) {
      DeltaTable.forPath(spark, table(uri, table)).restoreToVersion(published);
    }
  }

  private Dataset<Row> read(String table, long at) {
    return spark.read().format("delta").option("versionAsOf", at).load(table(uri, table));
  }

  /** Every version whose history the table still has, the newest first. */
  private static List<DatasetVersion> published(SparkSession spark, String uri) {
    return DeltaTable.forPath(spark, table(uri, "videos"))
        .history()
        .where(col("userMetadata").isNotNull())
        .orderBy(col("version").desc())
        .select("version", "userMetadata")
        .collectAsList()
        .stream()
        .map(commit -> DatasetVersion.of(commit.getLong(0), commit.getString(1)))
        .toList();
  }

  private static long latest(SparkSession spark, String path) {
    return DeltaTable.forPath(spark, path).history(1).select("version").first().getLong(0);
  }

  private static boolean exists(SparkSession spark, String path) {
    return DeltaTable.isDeltaTable(spark, path);
  }

  private static void create(SparkSession spark, String path, StructType columns) {
    DeltaTable.createIfNotExists(spark).location(path).addColumns(columns).execute();
  }

  private static String table(String uri, String name) {
    return new Path(uri, name).toString();
  }
}
