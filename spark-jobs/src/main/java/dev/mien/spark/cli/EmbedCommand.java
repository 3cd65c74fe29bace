package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.WholeUri;
import dev.mien.spark.embed.EmbedJob;
import dev.mien.spark.session.SparkSessions;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "embed",
    description = "Embeds every window of every clip with a trained encoder.",
    mixinStandardHelpOptions = true)
final class EmbedCommand implements Callable<Integer> {

  @Mixin private DatasetOption dataset;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "URI",
      description = "Folder of a run, of a checkpoint or of an exported model.")
  private String model;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description = "Folder of the embeddings, a Delta table, replaced.")
  private String output;

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    try (SparkSession spark = SparkSessions.open("embed", loaded)) {
      String embeddings = WholeUri.of(spark, output);
      long windows = new EmbedJob(spark, loaded).run(dataset.uri(spark), model, embeddings);
      System.out.println(windows + " windows embedded into " + embeddings);
    }
    return 0;
  }
}
