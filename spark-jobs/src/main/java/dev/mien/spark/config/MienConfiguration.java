package dev.mien.spark.config;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.marlin.WindowSampling;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.model.optim.RateChange;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The whole configuration, in layers: {@code reference.conf}, a preset, a file, and single keys.
 *
 * @param warmupEpochs epochs over which the learning rate rises from 0
 * @param rateChange how often the learning rate changes
 * @param source every key as it was resolved, as one line of JSON, for provenance
 */
public record MienConfiguration(
    PreprocessingOptions preprocessing,
    IsolationOptions isolation,
    DatasetOptions dataset,
    MarlinArchitecture model,
    ObjectiveOptions objective,
    OptimiserOptions optimiser,
    int warmupEpochs,
    RateChange rateChange,
    TrainingOptions training,
    AveragingOptions averaging,
    CheckpointOptions checkpoints,
    EmbeddingOptions embedding,
    EvaluationOptions evaluation,
    InspectionOptions inspection,
    String source) {

  /** The presets, which lie in {@code conf/presets}. */
  public static final List<String> PRESETS =
      List.of("tiny", "marlin-small", "marlin-base", "marlin-large", "videomae", "svfap");

  private static final String RESOURCES = "dev/mien/conf/";
  private static final Set<String> RESULT_SECTIONS =
      Set.of("model", "objective", "optimiser", "training", "averaging");
  private static final Set<String> RESULT_IRRELEVANT =
      Set.of(
          "training.checkpoint-every",
          "training.checkpoint-interval",
          "training.checkpoints-kept",
          "training.checkpoints-kept-every",
          "training.retry-time",
          "training.validation-pictures",
          "training.validate-every",
          "training.cache-size",
          "training.micro-batch",
          "training.task-limit");

  /**
   * Reads the layers, of which later ones win, and checks the result.
   *
   * @param preset one of {@link #PRESETS}
   * @param file a HOCON file of the user's
   * @param settings lines {@code a.b=c}, of which later ones win
   * @throws InvalidConfigurationException naming every unknown key and every value out of range
   */
  public static MienConfiguration load(
      Optional<String> preset, Optional<Path> file, List<String> settings) {
    List<String> problems = new ArrayList<>();
    return read(preset, file, settings, problems).without(problems);
  }

  /**
   * Reads a configuration as {@link #load} does, and checks that a run can be trained by it.
   *
   * @throws InvalidConfigurationException naming {@link TrainingOptions#problems}, too, and rounds
   *     that are longer than a task may take
   */
  public static MienConfiguration loadForTraining(
      Optional<String> preset, Optional<Path> file, List<String> settings) {
    List<String> problems = new ArrayList<>();
    MienConfiguration read = read(preset, file, settings, problems);
    if (read.model() != null && read.objective() != null && read.training() != null) {
      problems.addAll(read.training().problems(read.model(), read.objective()));
    }
    if (read.training() != null && read.averaging() != null) {
      read.roundProblem().ifPresent(problems::add);
    }
    return read.without(problems);
  }

  /** Why no round could end; empty when it could, or what is wrong has been said. */
  private Optional<String> roundProblem() {
    Duration limit = training.taskLimit();
    Duration round = averaging.roundTime();
    return !limit.isZero() && round.compareTo(limit) >= 0
        ? Optional.of(
            "Invalid averaging.round-time: %d s (must be less than training.task-limit, %d s, within which a replica's task opens its network, reads and trains for that time)"
                .formatted(round.toSeconds(), limit.toSeconds()))
        : Optional.empty();
  }

  private static MienConfiguration read(
      Optional<String> preset, Optional<Path> file, List<String> settings, List<String> problems) {
    Config reference = resource("reference");
    Config config = reference;

    if (preset.isPresent()) {
      if (PRESETS.contains(preset.get())) {
        config = resource("presets/" + preset.get()).withFallback(config);
      } else {
        problems.add(
            "Unknown preset: " + preset.get() + " (there are " + String.join(", ", PRESETS) + ")");
      }
    }

    Config own = file.map(path -> parse(path, problems)).orElse(ConfigFactory.empty());
    for (String setting : settings) {
      own = parse(setting, problems).withFallback(own);
    }

    Config whole = resolved(own.withFallback(config), problems);
    for (Map.Entry<String, ?> entry : own.resolveWith(whole).entrySet()) {
      if (!reference.hasPath(entry.getKey())) {
        problems.add("Unknown key: " + entry.getKey() + " (see conf/reference.conf)");
      }
    }

    MienConfiguration configuration = read(whole, problems);
    // Stored configurations are not checked for this: a run may have been trained on clips that
    // came out shorter.
    Optional.ofNullable(configuration.preprocessing())
        .flatMap(PreprocessingOptions::clipProblem)
        .ifPresent(problem -> problems.add("In preprocessing: " + problem));
    return configuration;
  }

  /**
   * Reads a configuration from its {@link #source}; missing keys have their defaults.
   *
   * @throws InvalidConfigurationException naming what is wrong; everything but plain JSON is
   *     refused, since another person's checkpoint must not include files or variables of this
   *     machine
   */
  public static MienConfiguration parse(String source) {
    List<String> problems = new ArrayList<>();
    return read(stored(source), problems).without(problems);
  }

  /** A {@link #source} as JSON in lines for people. */
  public static String readable(String source) {
    return new GsonBuilder()
        .setPrettyPrinting()
        .disableHtmlEscaping() // pages that show it escape it themselves
        .create()
        .toJson(JsonParser.parseString(source));
  }

  private static Config stored(String source) {
    try {
      return ConfigFactory.parseString(
              source, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON))
          .withFallback(resource("reference"))
          .resolve(ConfigResolveOptions.noSystem());
    } catch (ConfigException e) {
      throw new InvalidConfigurationException(
          List.of("Cannot read a stored configuration, which must be JSON: " + e.getMessage()));
    }
  }

  /**
   * The keys that decide what a run trains and differ from the configuration of {@code source},
   * each with {@code there -> here}.
   */
  public SortedMap<String, String> differences(String source) {
    Config there = stored(source);
    Config here = ConfigFactory.parseString(this.source);
    SortedMap<String, String> differences = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : here.entrySet()) {
      String key = entry.getKey();
      if (RESULT_SECTIONS.contains(key.substring(0, key.indexOf('.')))
          && !RESULT_IRRELEVANT.contains(key)
          && !entry.getValue().equals(there.hasPath(key) ? there.getValue(key) : null)) {
        Object was = there.hasPath(key) ? there.getValue(key).unwrapped() : "absent";
        differences.put(key, was + " -> " + entry.getValue().unwrapped());
      }
    }
    return differences;
  }

  private static MienConfiguration read(Config config, List<String> problems) {
    Section preprocessing = Section.of(config, "preprocessing", problems);
    Section training = Section.of(config, "training", problems);
    Section optimiser = Section.of(config, "optimiser", problems);
    return new MienConfiguration(
        PreprocessingSections.read(preprocessing),
        isolation(preprocessing.section("isolation")),
        dataset(Section.of(config, "dataset", problems)),
        TrainingSections.model(Section.of(config, "model", problems)),
        TrainingSections.objective(Section.of(config, "objective", problems)),
        TrainingSections.optimiser(optimiser),
        optimiser.integer("warmup-epochs", 0, 1_000_000),
        optimiser.choice("rate-change", RateChange.class),
        TrainingSections.training(training),
        TrainingSections.averaging(Section.of(config, "averaging", problems)),
        TrainingSections.checkpoints(training),
        embedding(Section.of(config, "embedding", problems)),
        evaluation(Section.of(config, "evaluation", problems)),
        inspection(Section.of(config, "inspection", problems)),
        config.root().render(ConfigRenderOptions.concise()));
  }

  private MienConfiguration without(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException(problems);
    }
    return this;
  }

  private static IsolationOptions isolation(Section section) {
    return new IsolationOptions(
        section.duration("stall-limit", Duration.ofSeconds(1), Duration.ofDays(1)),
        section.duration("video-limit", Duration.ofSeconds(1), Duration.ofDays(365)),
        section.bytes("memory-limit", 1 << 29));
  }

  private static DatasetOptions dataset(Section section) {
    return section.build(
        () ->
            new DatasetOptions(
                section.bytes("file-size", 1 << 20),
                section.bytes("row-group-size", 1 << 16),
                section.integer("batch-videos", 1, 1 << 24),
                section.bytes("batch-size", 1 << 20),
                section.number("maximum-failed-share", 0, 1)));
  }

  private static EmbeddingOptions embedding(Section section) {
    return new EmbeddingOptions(
        section.integer("batch-size", 1, 1 << 16),
        section.integer("stride", 0, 64),
        section.integer("window-stride", 1, 1 << 10),
        section.choice("tail", WindowSampling.Tail.class),
        section.choice("output", EmbeddingOptions.Output.class));
  }

  private static EvaluationOptions evaluation(Section section) {
    return new EvaluationOptions(
        section.integer("clips", 1, 1 << 20),
        section.integer("window-step", 1, 1 << 16),
        section.integer("resamples", 1, 1 << 20),
        section.longInteger("seed"));
  }

  private static InspectionOptions inspection(Section section) {
    return new InspectionOptions(
        section.integer("videos", 0, 1000),
        section.integer("clips", 0, 1000),
        section.integer("duplicates", 0, 1000),
        section.integer("reconstructions", 0, 1000));
  }

  private static Config resource(String name) {
    return ConfigFactory.parseResources(
        MienConfiguration.class.getClassLoader(),
        RESOURCES + name + ".conf",
        ConfigParseOptions.defaults().setAllowMissing(false));
  }

  private static Config resolved(Config config, List<String> problems) {
    try {
      return config.resolve();
    } catch (ConfigException e) {
      problems.add("Cannot resolve the configuration: " + e.getMessage());
      throw new InvalidConfigurationException(problems);
    }
  }

  private static Config parse(Path file, List<String> problems) {
    try {
      return ConfigFactory.parseFile(
          file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    } catch (ConfigException e) {
      problems.add("Cannot read configuration file " + file + ": " + e.getMessage());
      return ConfigFactory.empty();
    }
  }

  private static Config parse(String setting, List<String> problems) {
    try {
      return ConfigFactory.parseString(setting);
    } catch (ConfigException e) {
      problems.add("Invalid --set: " + setting + " (must be key=value, as in training.seed=7)");
      return ConfigFactory.empty();
    }
  }
}
