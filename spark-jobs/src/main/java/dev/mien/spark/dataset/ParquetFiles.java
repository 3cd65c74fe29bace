package dev.mien.spark.dataset;

import dev.mien.spark.storage.Globs;
import java.util.Collection;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Reads some of a table's files. */
public final class ParquetFiles {

  private ParquetFiles() {}

  /**
   * The rows of files, each once, even in a folder whose name reads as a glob. They are escaped,
   * since with globs turned off Spark reads all files again for each whose path looks like one.
   *
   * @param files at least one
   */
  public static Dataset<Row> read(SparkSession spark, StructType columns, Collection<Path> files) {
    return spark
        .read()
        .schema(columns)
        .parquet(files.stream().map(Globs::only).toArray(String[]::new));
  }
}
