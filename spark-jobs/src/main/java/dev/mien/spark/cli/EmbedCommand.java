package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.embed.EmbedJob;
import dev.mien.spark.embed.EmbedJob.Embedded;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "embed",
    description =
        "Embeds every window of every clip with a trained encoder, but for those that are embedded"
            + " already.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class EmbedCommand implements Callable<Integer> {

  @Mixin private DatasetOption dataset;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "URI",
      description = "Folder of a run, of a checkpoint or of an export for DJL.")
  private String model;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "URI",
      description =
          "Folder of the embeddings, a Delta table, brought to the newest clips; replaced where model"
              + " or options are others.")
  private String output;

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    try (SparkSession spark = SparkSessions.open("embed", loaded)) {
      String embeddings = WholeUri.of(spark, output);
      Embedded embedded = new EmbedJob(spark, loaded).run(dataset.uri(spark), model, embeddings);
      System.out.println(said(embedded, embeddings));
    }
    return 0;
  }

  private static String said(Embedded embedded, String table) {
    return embedded
        .changes()
        .map(
            changed ->
                "%d windows in %s: %d videos embedded, %d taken out"
                    .formatted(
                        embedded.windows(), table, changed.come().size(), changed.gone().size()))
        .orElse("%d windows embedded into %s".formatted(embedded.windows(), table));
  }
}
