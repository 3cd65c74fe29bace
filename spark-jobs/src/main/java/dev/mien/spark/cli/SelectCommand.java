package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.redundancy.SelectJob;
import dev.mien.spark.redundancy.SubsetOptions;
import dev.mien.spark.redundancy.Thresholds;
import dev.mien.spark.session.SparkSessions;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "select",
    description =
        "Records a subset of the clips to train on: the best clip of each group of near-duplicates,"
            + " spread over people and videos.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class SelectCommand implements Callable<Integer> {

  @Mixin private DatasetOption dataset;

  @Option(
      names = "--subset",
      required = true,
      paramLabel = "NAME",
      description = "Name of the subset, for mien pretrain --subset NAME.")
  private String subset;

  @Option(
      names = "--threshold",
      paramLabel = "BITS",
      defaultValue = Thresholds.DEFAULT,
      description = "Bits by which near-duplicates differ at most. Default: ${DEFAULT-VALUE}.")
  private int threshold;

  @Option(
      names = "--keep-fraction",
      paramLabel = "FRACTION",
      description =
          "Share of the clips to keep, in (0,1]. Without it one clip of each group is kept.")
  private Optional<Double> keepFraction = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "2023",
      description = "Decides whose turn is first. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    SubsetOptions options =
        keepFraction
            .map(share -> SubsetOptions.share(threshold, share, seed))
            .orElseGet(() -> SubsetOptions.oneOfEachGroup(threshold, seed));
    try (SparkSession spark = SparkSessions.open("select", loaded)) {
      System.out.println(new SelectJob(spark).run(dataset.uri(spark), subset, options).text());
    }
    return 0;
  }
}
