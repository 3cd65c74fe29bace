package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.preprocess.PreprocessSummary;
import dev.mien.spark.preprocess.Retry;
import dev.mien.spark.preprocess.UnfinishedRunException;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.storage.WholeFile;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "preprocess",
    description =
        "Decodes and face-tracks video into a dataset of clips. Known videos cost nothing.",
    footer = Mien.SPARK_OPTIONS,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:what was asked for cannot be",
      "3:done, but more videos than dataset.maximum-failed-share were rejected, quarantined, or"
          + " could not be read any more"
    })
final class PreprocessCommand implements Callable<Integer> {

  private static final int TOO_MANY_FAILED = 3;

  @Option(
      names = "--input",
      paramLabel = "URI",
      description = "Folder, file or glob of videos: file, hdfs or s3a. May be repeated.")
  private List<String> inputs = new ArrayList<>();

  @Option(
      names = "--list",
      paramLabel = "URI",
      description =
          "CSV with a header, or Parquet, of videos: uri, and perhaps person_id and split. A uri is"
              + " whole, or relative to the list's folder, which it may not leave."
              + " Folders and globs of lists are lists, too. May be repeated.")
  private List<String> lists = new ArrayList<>();

  @Option(
      names = "--boxes",
      paramLabel = "URI",
      description =
          "Folder of VoxCeleb's boxes, <person>/<video>/<utterance>.txt, by which the right face is"
              + " picked in whole videos and utterances; in VoxCeleb2's own 224x224 crops it is the"
              + " upper central one. Videos that were preprocessed without --boxes are done again; those whose"
              + " boxes change later are not.")
  private Optional<String> boxes = Optional.empty();

  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "URI",
      description = "Folder of the dataset, made where there is none.")
  private String dataset;

  @Option(
      names = "--retry-quarantined",
      description =
          "Try quarantined videos again that have not changed, as after isolation's limits were raised"
              + " or a machine failed. Without it only those that could not be read, or whose process"
              + " was killed from outside, are.")
  private boolean retryQuarantined;

  @Option(
      names = "--dry-run",
      description = "Say what would be done and what it would take, and write nothing.")
  private boolean dryRun;

  @Option(
      names = "--summary",
      paramLabel = "URI",
      description =
          "File for the summary as JSON. The dataset keeps one of each run that published something,"
              + " without names of videos.")
  private Optional<String> summaryFile = Optional.empty();

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws Exception {
    MienConfiguration loaded = configuration.load();
    try (SparkSession spark = SparkSessions.open("preprocess", loaded)) {
      PreprocessJob job = new PreprocessJob(spark, loaded);
      PreprocessInputs videos =
          new PreprocessInputs(
              inputs,
              lists,
              boxes.isPresent() ? Optional.of(WholeUri.of(spark, boxes.get())) : boxes,
              retryQuarantined ? Retry.QUARANTINED : Retry.PREVENTED);
      String uri = WholeUri.of(spark, dataset);
      if (dryRun) {
        System.out.print(job.plan(videos, uri));
        return 0;
      }

      Optional<WholeFile> written = Optional.empty();
      if (summaryFile.isPresent()) {
        Path path = new Path(summaryFile.get());
        written = Optional.of(WholeFile.of(spark.sessionState().newHadoopConf(), path));
        written.get().makeRoom("--summary");
      }
      PreprocessSummary summary;
      try {
        summary = job.run(videos, uri);
      } catch (UnfinishedRunException e) {
        try {
          tell(e.summary(), written);
        } catch (IOException | RuntimeException unwritten) {
          e.failure().addSuppressed(unwritten);
        }
        // Wrapped, since what fails hours later is not a mistake in the request.
        throw e.failure() instanceof ConcurrentPublicationException overtaken ? overtaken : e;
      }
      tell(summary, written);
      return summary.failedShare() > loaded.dataset().maximumFailedShare() ? TOO_MANY_FAILED : 0;
    }
  }

  private static void tell(PreprocessSummary summary, Optional<WholeFile> file) throws IOException {
    System.out.print(summary.text());
    if (file.isPresent()) {
      file.get().write(summary.json());
    }
  }
}
