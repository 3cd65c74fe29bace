package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.session.SparkSessions;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "preprocess",
    description =
        "Decodes and face-tracks video into a dataset of clips. Known videos cost nothing.",
    mixinStandardHelpOptions = true)
final class PreprocessCommand implements Callable<Integer> {

  @Option(
      names = "--input",
      required = true,
      paramLabel = "URI",
      description = "Folder, file or glob of videos: file, hdfs or s3a.")
  private String input;

  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "URI",
      description = "Folder of the dataset, made where there is none.")
  private String dataset;

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    try (SparkSession spark = SparkSessions.open("preprocess", loaded)) {
      System.out.print(new PreprocessJob(spark, loaded).run(input, dataset).text());
    }
    return 0;
  }
}
