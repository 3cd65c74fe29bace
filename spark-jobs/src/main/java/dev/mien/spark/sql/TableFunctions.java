package dev.mien.spark.sql;

import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.clip.ChosenClips;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * The tables of a dataset as functions of its URI, all at one published version, and clips by their
 * ids. Ids are looked up when a query is planned, and only the shards that hold these clips are
 * read when it runs.
 */
final class TableFunctions {

  private TableFunctions() {}

  static List<SqlFunction<LogicalPlan>> all() {
    return List.of(
        table("videos", "a row a source video: what became of it", FaceVideoDataset::videos),
        table("tracks", "a row a person's face in a shot", FaceVideoDataset::tracks),
        table("clips", "a row a stored clip", FaceVideoDataset::clips),
        new SqlFunction<>(
            "mien_clips_of",
            "(uri, ids [, version])",
            "The clips that have these ids, an array of strings, in no order, from the files that"
                + " hold them and no others. An id that no clip has gives no row. The version is"
                + " that of the dataset's videos; the newest one if none is given.",
            2,
            3,
            TableFunctions::chosen));
  }

  private static LogicalPlan chosen(Arguments arguments) {
    List<String> ids = arguments.texts(1, "ids");
    return ChosenClips.read(open(arguments, 2), ids).queryExecution().analyzed();
  }

  private static SqlFunction<LogicalPlan> table(
      String name, String rows, Function<FaceVideoDataset, Dataset<Row>> table) {
    return new SqlFunction<>(
        "mien_" + name,
        "(uri [, version])",
        "The "
            + name
            + " of the dataset at a URI, "
            + rows
            + ". The version is that of its videos;"
            + " the newest one if none is given.",
        1,
        2,
        arguments -> table.apply(open(arguments, 1)).queryExecution().analyzed());
  }

  /**
   * Opens the dataset that a call names.
   *
   * @param version position of the optional argument with the version
   */
  private static FaceVideoDataset open(Arguments arguments, int version) {
    SparkSession spark = SparkSession.active();
    String uri = arguments.text(0, "uri");
    return arguments.count() <= version
        ? FaceVideoDataset.open(spark, uri)
        : FaceVideoDataset.open(
            spark, uri, arguments.integer(version, "version", 0, 0, Integer.MAX_VALUE));
  }
}
