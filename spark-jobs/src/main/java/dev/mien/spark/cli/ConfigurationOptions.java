package dev.mien.spark.cli;

import dev.mien.spark.config.MienConfiguration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that give a command's configuration; later ones win. */
final class ConfigurationOptions {

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      completionCandidates = Presets.class,
      description =
          "Settings of a recipe, laid over conf/reference.conf, which has every key and its default."
              + " One of ${COMPLETION-CANDIDATES}.")
  private Optional<String> preset = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A HOCON file of settings, laid over the preset.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "One setting, laid over preset and file, as in --set training.seed=7. May be repeated.")
  private List<String> settings = new ArrayList<>();

  /** The presets, for the help. */
  static final class Presets implements Iterable<String> {

    @Override
    public Iterator<String> iterator() {
      return MienConfiguration.PRESETS.iterator();
    }
  }

  MienConfiguration load() {
    return load(List.of());
  }

  /**
   * Loads the configuration.
   *
   * @param own settings for which the command has options of its own; they win over all others
   */
  MienConfiguration load(List<String> own) {
    return MienConfiguration.load(preset, file, with(own));
  }

  /** Loads the configuration of a run to be trained. */
  MienConfiguration loadForTraining(List<String> own) {
    return MienConfiguration.loadForTraining(preset, file, with(own));
  }

  private List<String> with(List<String> own) {
    List<String> all = new ArrayList<>(settings);
    all.addAll(own);
    return all;
  }
}
