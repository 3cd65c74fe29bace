package dev.mien.spark.cli;

import com.typesafe.config.ConfigUtil;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.pretrain.PretrainJob;
import dev.mien.spark.session.SparkSessions;
import dev.mien.spark.storage.WholeUri;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "pretrain",
    description = "Pretrains a masked autoencoder (MARLIN) on a dataset, in rounds.",
    footer = Mien.FOOTER,
    mixinStandardHelpOptions = true)
final class PretrainCommand implements Callable<Integer> {

  @Mixin private DatasetOption dataset;

  @Option(
      names = "--run",
      required = true,
      paramLabel = "URI",
      description = "Folder for the run's checkpoints and metrics.")
  private String run;

  @Option(
      names = "--subset",
      paramLabel = "NAME",
      description = "Train on a subset of the dataset that mien select made: training.subset.")
  private Optional<String> subset = Optional.empty();

  @Option(
      names = "--resume",
      description =
          "Go on from the newest checkpoint of the run, or begin the run where there is none yet.")
  private boolean resume;

  @Option(
      names = "--allow",
      paramLabel = "KEY",
      description =
          "A key that --resume may find changed since the run began, dataset for one that moved, or"
              + " dataset-version for its newest version where the run's own is gone; may be repeated.")
  private Set<String> allowed = Set.of();

  @Option(
      names = "--init",
      paramLabel = "URI",
      description =
          "Weights to begin with: a run, a checkpoint, an export (safetensors, huggingface), or a"
              + " file of safetensors or PyTorch's (.pt, .ckpt). A run that is resumed has them already,"
              + " once it has a checkpoint.")
  private Optional<String> init = Optional.empty();

  @Mixin private ConfigurationOptions configuration;

  @Override
  public Integer call() throws IOException {
    if (!allowed.isEmpty() && !resume) {
      throw new IllegalArgumentException(
          "Invalid --allow: %s (is of use with --resume alone)"
              .formatted(String.join(", ", allowed)));
    }
    WholeUri.requireMeant(run);
    MienConfiguration loaded =
        configuration.loadForTraining(
            subset.map(name -> "training.subset = " + ConfigUtil.quoteString(name)).stream()
                .toList());
    try (SparkSession spark = SparkSessions.openForRounds("pretrain", loaded)) {
      PretrainJob drawn = new PretrainJob(spark, loaded);
      PretrainJob job = init.map(drawn::beginningWith).orElse(drawn);
      if (resume) {
        job.resume(dataset.uri(spark), run, allowed);
      } else {
        job.start(dataset.uri(spark), run);
      }
    }
    return 0;
  }
}
