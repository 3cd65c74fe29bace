package dev.mien.spark.embed;

import static org.apache.spark.sql.functions.broadcast;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.DerivedTable;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.SessionSettings;
import dev.mien.spark.dataset.Vacuum;
import dev.mien.spark.storage.ClaimedLogStore;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataTypes;

/**
 * A Delta table of embeddings with one row per window: {@code clip_id, track_id, video_id,
 * person_id, pipeline, boxes, first_frame} and {@code embedding}, an array of as many floats as the
 * encoder is wide, or as all its tokens have.
 */
public final class EmbeddingsTable {

  private static final String LOG = "_delta_log";

  /** Folders in a table that has no commit yet. */
  private static final Set<String> LEFT = Set.of(LOG, ClaimedLogStore.CLAIMS);

  private static final List<String> COLUMNS = List.of("clip_id", "first_frame", "embedding");

  /**
   * The largest number of videos whose ids a commit names, which stay in the table's log: some 70
   * KB. When more are gone, nearly every file is affected anyway.
   */
  private static final int MOST_NAMED = 1000;

  /** Setting that lets a commit add rows of other videos than those whose rows it replaces. */
  private static final String CONSTRAINT_CHECK =
      "spark.databricks.delta.replaceWhere.constraintCheck.enabled";

  private final SparkSession spark;
  private final String uri;

  /** The version that was found; -1 where there was no table. */
  private final long version;

  private EmbeddingsTable(SparkSession spark, String uri, long version) {
    this.spark = spark;
    this.uri = uri;
    this.version = version;
  }

  /**
   * A table to write to, which need not exist.
   *
   * @throws IllegalArgumentException when something other than embeddings is at the URI
   */
  static EmbeddingsTable at(SparkSession spark, String uri) throws IOException {
    requireRoom(spark, uri);
    return new EmbeddingsTable(spark, uri, new DerivedTable(spark, uri).version());
  }

  /**
   * What differs between the table and a dataset; empty when everything is to be embedded, for a
   * reason that is printed.
   *
   * @param provenance of the embeddings to be made
   */
  Optional<ChangedVideos> changes(FaceVideoDataset dataset, Provenance provenance)
      throws IOException {
    if (version < 0) {
      return Optional.empty();
    }
    Optional<Provenance> former =
        table().said().map(Provenance::parse).flatMap(Optional::stream).findFirst();
    String difference =
        former.isPresent() && List.of(read().columns()).containsAll(ChangedVideos.KEY)
            ? provenance.difference(former.get(), spark).orElse("")
            : "nothing says what made them";
    if (!difference.isEmpty()) {
      System.out.println(
          "Embedding all clips again, in place of those at %s: %s".formatted(uri, difference));
      return Optional.empty();
    }
    return Optional.of(ChangedVideos.between(read(), dataset));
  }

  /**
   * Replaces the table's content by the windows of all clips.
   *
   * @throws ConcurrentPublicationException when another run wrote to the table after it was found
   */
  void replace(Dataset<Row> windows, Provenance provenance) {
    commit(
        windows
            .write()
            .mode("overwrite")
            .option("overwriteSchema", "true")
            .options(Vacuum.PROPERTIES),
        provenance);
  }

  /**
   * Removes the windows of videos that are gone, and adds those of videos that have come.
   *
   * @throws ConcurrentPublicationException as {@link #replace} does
   */
  void change(ChangedVideos changed, Dataset<Row> windows, Provenance provenance) {
    if (changed.gone().isEmpty()) {
      commit(windows.write().mode("append"), provenance);
      return;
    }
    if (changed.gone().size() > MOST_NAMED) {
      commit(windows.unionByName(without(changed.gone())).write().mode("overwrite"), provenance);
      return;
    }
    String gone =
        changed.gone().stream()
            .map(id -> Literal.create(id, DataTypes.StringType).sql())
            .collect(Collectors.joining(", ", "video_id IN (", ")"));
    SessionSettings.with(
        spark,
        Map.of(CONSTRAINT_CHECK, "false"),
        () -> commit(windows.write().mode("overwrite").option("replaceWhere", gone), provenance));
  }

  /** The rows of all other videos, as they were found. */
  private Dataset<Row> without(List<String> videoIds) {
    Dataset<Row> videos = spark.createDataset(videoIds, Encoders.STRING()).toDF("video_id");
    return spark
        .read()
        .format("delta")
        .option("versionAsOf", version)
        .load(uri)
        .join(broadcast(videos), "video_id", "left_anti");
  }

  /** Gathers the small files of many nights, like those of clips. */
  void compact(long fileSize) {
    table().compact(fileSize);
  }

  long windows() {
    return read().count();
  }

  private DerivedTable table() {
    return new DerivedTable(spark, uri);
  }

  private Dataset<Row> read() {
    return spark.read().format("delta").load(uri);
  }

  private void commit(DataFrameWriter<Row> rows, Provenance provenance) {
    table().commit(version, provenance.json(), rows);
  }

  /**
   * Checks that a URI is that of a table of embeddings.
   *
   * @throws IllegalArgumentException when there is no table, or a table of something else
   */
  public static void require(SparkSession spark, String uri) {
    if (!DeltaTable.isDeltaTable(spark, uri)) {
      throw new IllegalArgumentException(
          "No embeddings at " + uri + " (make them with: mien embed … --output " + uri + ")");
    }
    List<String> columns = List.of(spark.read().format("delta").load(uri).columns());
    if (!columns.containsAll(COLUMNS)) {
      throw new IllegalArgumentException(
          "No embeddings at %s: it is, or lies in, a table of %s (must be of %s)"
              .formatted(uri, String.join(", ", columns), String.join(", ", COLUMNS)));
    }
  }

  /**
   * Checks that a folder is free or holds embeddings: the table may be deleted as a whole, and a
   * vacuum deletes whatever in the folder does not belong to it.
   *
   * @throws IllegalArgumentException when something else is there
   */
  private static void requireRoom(SparkSession spark, String uri) throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
    if (DeltaTable.isDeltaTable(spark, uri)) { // or a folder below a table
      if (!files.exists(new Path(folder, LOG))) {
        throw new IllegalArgumentException(
            "Invalid --output: %s lies in another table, whose vacuum would delete it (must be a folder of its own for the embeddings)"
                .formatted(uri));
      }
      require(spark, uri);
      return;
    }
    if (!files.exists(folder)) {
      return;
    }
    for (FileStatus file : files.listStatus(folder)) {
      String name = file.getPath().getName();
      // Folders that a killed run has left.
      if (!name.startsWith("part-") && !LEFT.contains(name)) {
        throw new IllegalArgumentException(
            "Invalid --output: %s holds %s (must be a folder of its own for the embeddings)"
                .formatted(uri, name));
      }
    }
  }
}
