package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.Vacuum;
import dev.mien.spark.embed.EmbeddingsTable;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "vacuum",
    description =
        "Deletes the files that only old versions of a dataset need, and what killed runs left. A"
            + " training run that was begun on such a version cannot go on afterwards.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class VacuumCommand implements Callable<Integer> {

  @Mixin private DatasetOption dataset;

  @Option(
      names = "--embeddings",
      paramLabel = "URI",
      description = "An embeddings table to clear as well. May be repeated.")
  private List<String> embeddings = new ArrayList<>();

  @Option(
      names = "--keep-days",
      paramLabel = "DAYS",
      defaultValue = "30",
      description =
          "Versions that were the newest in this time stay readable: 7 to 30 days. Default:"
              + " ${DEFAULT-VALUE}.")
  private int days;

  @Option(names = "--dry-run", description = "Say how much would go, and delete nothing.")
  private boolean dryRun;

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    Duration retention = Duration.ofDays(days);
    if (retention.compareTo(Vacuum.SHORTEST) < 0 || retention.compareTo(Vacuum.LONGEST) > 0) {
      throw new IllegalArgumentException(
          "Invalid --keep-days: %d (must be in [%d,%d])"
              .formatted(days, Vacuum.SHORTEST.toDays(), Vacuum.LONGEST.toDays()));
    }
    MienConfiguration loaded = configuration.load();
    try (SparkSession spark = SparkSessions.open("vacuum", loaded)) {
      FaceVideoDataset opened = FaceVideoDataset.open(spark, dataset.uri(spark));
      List<String> stores = WholeUri.of(spark, embeddings);
      for (String table : stores) {
        EmbeddingsTable.require(spark, table);
      }

      if (dryRun) {
        List<String> tables = new ArrayList<>(opened.tableUris());
        tables.addAll(stores);
        for (String table : tables) {
          System.out.printf(
              "%s: %d files would be deleted%n", table, Vacuum.count(spark, table, retention));
        }
      } else { // Delta itself prints how many files of each table are deleted
        opened.vacuum(retention);
        stores.forEach(table -> Vacuum.run(spark, table, retention));
      }
    }
    return 0;
  }
}
