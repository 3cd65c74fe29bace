package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.evaluate.EvaluateJob;
import dev.mien.spark.evaluate.Evaluation;
import dev.mien.spark.session.FileModes;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "evaluate",
    description =
        "Prints what a linear probe reads off a frozen encoder's embeddings of held-out tracks,"
            + " beside the same network untrained and raw pixels.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {

  enum Probe {
    /** Head yaw and pitch, mouth and eye opening. */
    ATTRIBUTES
  }

  @Mixin private DatasetOption dataset;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "URI",
      description = "Folder of a run or of a checkpoint; it says what was held out.")
  private String model;

  @Option(
      names = "--probe",
      paramLabel = "PROBE",
      defaultValue = "attributes",
      description = "attributes (head yaw and pitch, mouth and eye opening).")
  private Probe probe;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "The figures as JSON, a file of this machine.")
  private Optional<Path> output = Optional.empty();

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    Optional<WholeFile> file = Optional.empty();
    if (output.isPresent()) {
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(output.get().toUri());
      file = Optional.of(WholeFile.of(FileModes.hadoop(), path));
      file.get().makeRoom("--output");
    }
    try (SparkSession spark = SparkSessions.open("evaluate", loaded)) {
      Evaluation evaluation =
          switch (probe) {
            case ATTRIBUTES -> new EvaluateJob(spark, loaded).run(dataset.uri(spark), model);
          };
      System.out.print(evaluation.text());
      if (file.isPresent()) {
        file.get().write(evaluation.json());
        System.out.println("Written to " + output.get().toAbsolutePath());
      }
    }
    return 0;
  }
}
