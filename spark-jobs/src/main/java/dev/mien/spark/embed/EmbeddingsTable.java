package dev.mien.spark.embed;

import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** What may be taken for a table of embeddings, as {@link EmbedJob} writes it. */
public final class EmbeddingsTable {

  private static final List<String> COLUMNS = List.of("clip_id", "first_frame", "embedding");

  private EmbeddingsTable() {}

  /**
   * Refuses what is none.
   *
   * @throws IllegalArgumentException when there is no table at the URI, or one of something else
   */
  public static void require(SparkSession spark, String uri) {
    if (!DeltaTable.isDeltaTable(spark, uri)) {
      throw new IllegalArgumentException(
          "No embeddings at " + uri + " (make them with: mien embed --output " + uri + ")");
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
  static void requireRoom(SparkSession spark, String uri) throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
    if (!files.exists(folder)) {
      return;
    }
    if (DeltaTable.isDeltaTable(spark, uri)) {
      require(spark, uri);
      return;
    }
    for (FileStatus file : files.listStatus(folder)) {
      String name = file.getPath().getName();
      if (!name.startsWith("part-") && !name.equals("_delta_log")) { // those a killed run has left
        throw new IllegalArgumentException(
            "Invalid --output: %s holds %s (must be a folder of its own for the embeddings)"
                .formatted(uri, name));
      }
    }
  }
}
