package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.inspect.InspectJob;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "inspect",
    description = "Makes a page to look at: clips, masks, reconstructions, curves, embeddings.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

  @Mixin private DatasetOption dataset;

  @Option(names = "--run", paramLabel = "URI", description = "Folder of a run to show.")
  private Optional<String> run = Optional.empty();

  @Option(names = "--embeddings", paramLabel = "URI", description = "Embeddings to show.")
  private Optional<String> embeddings = Optional.empty();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "The page, one self-contained HTML file of this machine.")
  private Path output;

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    try (SparkSession spark = SparkSessions.open("inspect", loaded)) {
      Optional<String> table =
          WholeUri.of(spark, embeddings.stream().toList()).stream().findFirst();
      new InspectJob(spark, loaded).run(dataset.uri(spark), run, table, output);
      System.out.println("Report: " + output.toAbsolutePath());
    }
    return 0;
  }
}
