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
 * A Delta table of embeddings, a row a window: {@code clip_id, track_id, video_id, person_id,
 * pipeline, first_frame} and {@code embedding}, an array of as many floats as the encoder is wide,
 * or as its tokens are together.
 */
public final class EmbeddingsTable {

  private static final String LOG = "_delta_log";

  /** Folders of a table that has no commit yet. */
  private static final Set<String> LEFT = Set.of(LOG, ClaimedLogStore.CLAIMS);

  private static final List<String> COLUMNS = List.of("clip_id", "first_frame", "embedding");

  /**
   * Most videos whose ids a commit names, which the table's log keeps: some 70 KB. Where more are
   * gone, hardly a file is without one.
   */
  private static final int MOST_NAMED = 1000;

  /** Rows that come need not be of the videos whose rows go. */
  private static final String CONSTRAINT_CHECK =
      "spark.databricks.delta.replaceWhere.constraintCheck.enabled";

  private final SparkSession spark;
  private final String uri;

  /** As it was found; -1 where there is no table yet. */
  private final long version;

  private EmbeddingsTable(SparkSession spark, String uri, long version) {
    this.spark = spark;
    this.uri = uri;
    this.version = version;
  }

  /**
   * One to write to, whether it is there already or not.
   *
   * @throws IllegalArgumentException when neither nothing nor embeddings are at the URI
   */
  static EmbeddingsTable at(SparkSession spark, String uri) throws IOException {
    requireRoom(spark, uri);
    return new EmbeddingsTable(spark, uri, new DerivedTable(spark, uri).version());
  }

  /**
   * Where it differs from a dataset; none where all is to be embedded, of which the reason is said.
   *
   * @param provenance of what would be embedded
   */
  Optional<ChangedVideos> changes(FaceVideoDataset dataset, Provenance provenance)
      throws IOException {
    if (version < 0) {
      return Optional.empty();
    }
    Optional<Provenance> former =
        table().said().map(Provenance::parse).flatMap(Optional::stream).findFirst();
    String difference =
        former.isPresent()
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
   * Writes the windows of all clips in place of what there is.
   *
   * @throws ConcurrentPublicationException when another run wrote to the table since it was found
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
   * Takes out the windows of videos that are gone, and adds those of videos that have come.
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

  /** Gathers small files of many nights, as those of clips are. */
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
   * Refuses what is none.
   *
   * @throws IllegalArgumentException when there is no table at the URI, or one of something else
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
   * Refuses a folder of something else: a table is deleted whole, and a vacuum takes from its
   * folder whatever is not its own.
   *
   * @throws IllegalArgumentException when neither nothing nor embeddings are at the URI
   */
  private static void requireRoom(SparkSession spark, String uri) throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
    if (DeltaTable.isDeltaTable(spark, uri)) { // or below one
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
      // Those a killed run has left.
      if (!name.startsWith("part-") && !LEFT.contains(name)) {
        throw new IllegalArgumentException(
            "Invalid --output: %s holds %s (must be a folder of its own for the embeddings)"
                .formatted(uri, name));
      }
    }
  }
}
