package dev.mien.spark.dataset;

import java.util.Collection;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Some of a table's files. */
public final class ParquetFiles {

  /** What Hadoop takes for a part of a pattern. */
  private static final Pattern SPECIAL = Pattern.compile("[{}\\[\\]*?\\\\]");

  private ParquetFiles() {}

  /**
   * Their rows, each once, though a folder may be called as a pattern is, {@code Talk [2026]}. To
   * turn patterns off would have Spark read all files anew for each that looks like one.
   *
   * @param files at least one
   */
  public static Dataset<Row> read(SparkSession spark, StructType columns, Collection<Path> files) {
    return spark
        .read()
        .schema(columns)
        .parquet(
            files.stream()
                .map(file -> SPECIAL.matcher(file.toString()).replaceAll("\\\\$0"))
                .toArray(String[]::new));
  }
}
