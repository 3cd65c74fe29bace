package dev.mien.spark.cli;

import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** The dataset that a command reads. */
final class DatasetOption {

  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "URI",
      description = "Folder of the dataset.")
  private String uri;

  String uri(SparkSession spark) throws IOException {
    return WholeUri.of(spark, uri);
  }
}
