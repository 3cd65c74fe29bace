package dev.mien.spark.sql;

import dev.mien.spark.dataset.FaceVideoDataset;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/** The tables of a dataset as functions of its URI, all of one published version. */
final class TableFunctions {

  private TableFunctions() {}

  static List<SqlFunction<LogicalPlan>> all() {
    return List.of(
        table("videos", "a row a source video: what became of it", FaceVideoDataset::videos),
        table("tracks", "a row a person's face in a shot", FaceVideoDataset::tracks),
        table("clips", "a row a stored clip", FaceVideoDataset::clips));
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
        arguments -> table.apply(open(arguments)).queryExecution().analyzed());
  }

  private static FaceVideoDataset open(Arguments arguments) {
    SparkSession spark = SparkSession.active();
    String uri = arguments.text(0, "uri");
    return arguments.count() == 1
        ? FaceVideoDataset.open(spark, uri)
        : FaceVideoDataset.open(
            spark, uri, arguments.integer(1, "version", 0, 0, Integer.MAX_VALUE));
  }
}
