package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.redundancy.RedundancyJob;
import dev.mien.spark.redundancy.Thresholds;
import dev.mien.spark.session.SparkSessions;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "redundancy",
    description = "Finds near-duplicate clips, says how many there are, and stores their groups.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class RedundancyCommand implements Callable<Integer> {

  @Mixin private DatasetOption dataset;

  @Option(
      names = "--threshold",
      paramLabel = "BITS",
      defaultValue = Thresholds.DEFAULT,
      description = "Bits by which near-duplicates differ at most. Default: ${DEFAULT-VALUE}.")
  private int threshold;

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    try (SparkSession spark = SparkSessions.open("redundancy", loaded)) {
      System.out.print(new RedundancyJob(spark).run(dataset.uri(spark), threshold).text());
    }
    return 0;
  }
}
