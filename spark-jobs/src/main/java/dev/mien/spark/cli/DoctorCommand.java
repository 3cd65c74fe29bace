package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.doctor.Diagnosis;
import dev.mien.spark.doctor.Examination;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    description =
        "Says of the driver and of each executor whether they have what the jobs need, and what to"
            + " do where they have not. Exits with 1 when something is amiss.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

  private static final int AMISS = 1;

  @Option(
      names = "--dataset",
      paramLabel = "URI",
      description = "A folder that a dataset is to be written to: tries to write there.")
  private Optional<String> dataset = Optional.empty();

  @Option(
      names = "--run",
      paramLabel = "URI",
      description = "A folder that a run is to be written to: tries to write there.")
  private Optional<String> run = Optional.empty();

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    MienConfiguration loaded = configuration.load();
    SortedMap<String, String> places = new TreeMap<>();
    try (SparkSession spark = SparkSessions.open("doctor", loaded)) {
      if (dataset.isPresent()) {
        places.put("dataset", WholeUri.of(spark, dataset.get()));
      }
      if (run.isPresent()) {
        places.put("run", WholeUri.of(spark, run.get()));
      }
      Diagnosis diagnosis = new Examination(spark, loaded).of(places);
      System.out.print(diagnosis.text());
      return diagnosis.isWell() ? 0 : AMISS;
    }
  }
}
