package dev.mien.spark.redundancy;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Makes a table of rows in the driver's memory, however many. */
final class SlicedRows {

  /** Rows that a task is sent in one message: some 15 MB, where Spark allows 128 MiB. */
  private static final int ROWS_IN_TASK = 100_000;

  private SlicedRows() {}

  static Dataset<Row> of(SparkSession spark, List<Row> rows, StructType columns) {
    return spark.createDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(rows, rows.size() / ROWS_IN_TASK + 1),
        columns);
  }
}
