package dev.mien.spark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.preprocessing.clip.PreprocessingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class MienConfigurationTest {

  @DataProvider
  public Object[][] published() {
    return new Object[][] {
      {"marlin-small", MarlinArchitecture.small()},
      {"marlin-base", MarlinArchitecture.base()},
      {"marlin-large", MarlinArchitecture.large()},
    };
  }

  @Test(dataProvider = "published")
  public void marlinPresetsAreThePapers(String preset, MarlinArchitecture architecture) {
    MienConfiguration configuration = load(preset);

    assertThat(configuration.model()).isEqualTo(architecture);
    assertThat(configuration.objective()).isEqualTo(ObjectiveOptions.marlin());
    assertThat(configuration.optimiser()).isEqualTo(AdamWOptions.marlin());
    assertThat(configuration.warmupEpochs()).isEqualTo(40);
    assertThat(configuration.training().epochs()).isEqualTo(2000);
    assertThat(configuration.training().totalBatch()).isEqualTo(64);
    assertThat(configuration.training().stride()).isEqualTo(2);
  }

  @Test
  public void videoMaesPresetIsItsRecipe() {
    MienConfiguration configuration = load("videomae");

    assertThat(configuration.objective()).isEqualTo(ObjectiveOptions.videomae());
    assertThat(configuration.optimiser())
        .isEqualTo(new AdamWOptions(1.5e-4, 1e-5, 0.9, 0.95, 1e-8, 0.05, 0, DecayScope.WEIGHTS));
    assertThat(configuration.warmupEpochs()).isEqualTo(40);
    assertThat(configuration.training().epochs()).isEqualTo(800);
  }

  @Test
  public void svfapsPresetIsItsRecipeForVoxCeleb() {
    MienConfiguration configuration = load("svfap");

    assertThat(configuration.model().image()).isEqualTo(160);
    assertThat(configuration.model().tokens()).isEqualTo(8 * 10 * 10);
    assertThat(configuration.objective()).isEqualTo(ObjectiveOptions.videomae());
    assertThat(configuration.training().stride()).isEqualTo(4);
    assertThat(configuration.training().totalBatch()).isEqualTo(256);
    assertThat(configuration.training().epochs()).isEqualTo(100);
    assertThat(configuration.warmupEpochs()).isEqualTo(5);
    assertThat(configuration.optimiser().learningRate()).isEqualTo(3e-4);
    assertThat(((AdamWOptions) configuration.optimiser()).weightDecay()).isEqualTo(0.05);
  }

  @Test
  public void theAutomaticPrecisionSuitsTheDevice() {
    assertThat(load("tiny").training().precision()).isEqualTo(Precision.FLOAT32);
    assertThat(load("tiny", "training.device = gpu").training().precision())
        .isEqualTo(Precision.BFLOAT16);
    assertThat(
            load("tiny", "training { device = gpu, precision = float32 }").training().precision())
        .isEqualTo(Precision.FLOAT32);
  }

  @Test
  public void preprocessingDefaultsAreTheModulesOwn() {
    assertThat(load("tiny").preprocessing()).isEqualTo(PreprocessingOptions.defaults());
  }

  @Test
  public void sizesCarryUnits() {
    MienConfiguration configuration = load("tiny", "dataset.file-size = 192MiB");

    assertThat(configuration.dataset().fileSize()).isEqualTo(192L << 20);
  }

  @Test
  public void aStoredConfigurationIncludesNothingOfThisMachine() throws IOException {
    Path secret = Files.createTempFile("secret", ".conf");
    Files.writeString(secret, "training.seed = 5");

    for (String source :
        List.of("include file(\"" + secret + "\")", "training.subset = ${PATH}", "{")) {
      assertThatThrownBy(() -> MienConfiguration.parse(source))
          .isInstanceOf(InvalidConfigurationException.class)
          .hasMessageContaining("Cannot read a stored configuration, which must be JSON: ");
    }
  }

  @Test
  public void everyProblemIsReportedAtOnce() {
    assertThatThrownBy(
            () ->
                load(
                    "tiny",
                    "training.batch-size = 0",
                    "training.replica = 4",
                    "objective.mask = tubes",
                    "objective.mask-ratio = 1.3",
                    "model.encoder.heads = 5",
                    "dataset.file-size = big",
                    "dataset.row-group-size = 1KiB",
                    "training.checkpoint-interval = 10min",
                    "averaging.outer = nesterov",
                    "averaging.round-time = 30",
                    "training.cache-size = 1.2.3",
                    "training.seed = 1.5",
                    "training.epochs = 2.5",
                    "preprocessing.isolation.stall-limit = 60ms",
                    "preprocessing.isolation.memory-limit = 2MiB",
                    "embedding = null"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("Unknown key: training.replica ")
        .hasMessageContaining("Invalid training.batch-size: 0 (must be in [1, 65536])")
        .hasMessageContaining(
            "Invalid objective.mask: tubes (must be one of fasking, fasking-opposite, tube,"
                + " whole-tube, random, frame)")
        .hasMessageContaining("Invalid objective.mask-ratio: 1.3")
        .hasMessageContaining("In model: ")
        .hasMessageContaining("Invalid dataset.file-size: big (must be a size, as in 64MiB)")
        .hasMessageContaining("Invalid dataset.row-group-size: 1KiB (must be at least 64 KiB)")
        .hasMessageContaining(
            "Invalid training.checkpoint-interval: 10min (must be a time, as in 30s, 10m or 2h)")
        .hasMessageContaining(
            "Invalid averaging.round-time: 30 (must be a time, as in 30s, 10m or 2h)")
        .hasMessageContaining("Invalid training.cache-size: 1.2.3 (must be a size, as in 64MiB)")
        .hasMessageContaining("Invalid training.seed: 1.5 (must be a whole number)")
        .hasMessageContaining("Invalid training.epochs: 2.5 (must be a whole number)")
        .hasMessageContaining(
            "Invalid preprocessing.isolation.stall-limit: 60ms (must be in [1s, 24h])")
        .hasMessageContaining(
            "Invalid preprocessing.isolation.memory-limit: 2MiB (must be at least 512 MiB)")
        .hasMessageContaining("Invalid averaging.outer: nesterov (must be a section, outer { … })")
        .hasMessageContaining("Invalid embedding: null (must be a section")
        .hasMessageNotContaining("Missing");
  }

  @Test
  public void whatCannotTrainTogetherIsReportedWithTheRest() {
    List<String> settings =
        List.of(
            "training { batch-size = 892, tau = 5, task-limit = 30m }",
            "averaging.round-time = 30m");

    assertThatThrownBy(
            () ->
                MienConfiguration.loadForTraining(
                    Optional.of("videomae"), Optional.empty(), settings))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContainingAll(
            "Unknown key: training.tau",
            "Invalid training.batch-size: 892 (must be at most 891",
            "Invalid averaging.round-time: 1800 s (must be less than training.task-limit, 1800 s");
  }

  @Test
  public void preprocessingThatCannotWorkIsRefusedWithTheReason() {
    assertThatThrownBy(
            () ->
                load(
                    "tiny",
                    "preprocessing.decode.maximum-side = 16384",
                    "preprocessing.track.smoothing-window = 1001",
                    "preprocessing.filter { minimum-brightness = 200, maximum-brightness = 100 }"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining(
            "In preprocessing.decode: Invalid maximum side: 16384 (must be in [1,11520]: a plane")
        .hasMessageContaining(
            "In preprocessing.track: Invalid smoothing window: 1001 (must be at most 101: at a")
        .hasMessageContaining(
            "In preprocessing.filter: Invalid brightness: minimum 200.0 above maximum 100.0");
  }

  /** One message between processes holds a clip. */
  @Test
  public void rawClipsAreNotTooLarge() {
    assertThatThrownBy(
            () ->
                load(
                    "tiny",
                    "preprocessing.clip { format = raw, maximum-frames = 2000 }",
                    "training.batch-size = 0"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContainingAll(
            "In preprocessing: Invalid maximum frames of raw clips: 2000, a clip of 296 MiB"
                + " (must be at most 1725, one of 256 MiB; or store JPEG)",
            "Invalid training.batch-size: 0");
    String stored =
        "{\"preprocessing\": {\"clip\": {\"format\": \"raw\", \"maximum-frames\": 2000}}}";
    assertThat(MienConfiguration.parse(stored).preprocessing().clip().maximumFrames())
        .as("of a run on clips that came out shorter")
        .isEqualTo(2000);
    load("tiny", "preprocessing.clip.maximum-frames = 2000"); // JPEG
    load("tiny", "preprocessing.clip { format = raw, maximum-frames = 1725 }");
  }

  @Test
  public void whatCannotBeResolvedIsNamedWithTheOtherProblems() {
    assertThatThrownBy(() -> load("marlin-huge", "training.batch-size = ${no.such.key}"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("Unknown preset: marlin-huge")
        .hasMessageContaining("${no.such.key}");
  }

  @Test
  public void anUnknownPresetNamesTheKnownOnes() {
    assertThatThrownBy(() -> load("marlin-huge"))
        .hasMessageContaining("Unknown preset: marlin-huge (there are tiny, marlin-small");
  }

  @Test
  public void singleKeysWinOverAFileAndAFileOverThePreset() throws IOException {
    Path file = Files.createTempFile("mien", ".conf");
    Files.writeString(file, "training { seed = 5, replicas = 3 }");

    MienConfiguration configuration =
        MienConfiguration.load(
            Optional.of("tiny"), Optional.of(file), List.of("training.seed = 7"));
    Files.delete(file);

    assertThat(configuration.training().seed()).isEqualTo(7);
    assertThat(configuration.training().replicas()).isEqualTo(3);
  }

  @Test
  public void theSourceReadsBackAsTheSameConfiguration() {
    MienConfiguration configuration = load("marlin-base", "dataset.file-size = 192MiB");

    assertThat(MienConfiguration.parse(configuration.source())).isEqualTo(configuration);
    assertThat(configuration.differences(configuration.source())).isEmpty();
  }

  @Test
  public void differencesAreThoseThatChangeTheResult() {
    MienConfiguration was = load("tiny");
    MienConfiguration is =
        load("tiny", "training.seed = 1", "training.cache-size = 2GiB", "inspection.clips = 1");

    assertThat(is.differences(was.source()))
        .containsExactly(entry("training.seed", was.training().seed() + " -> 1"));
  }

  private static MienConfiguration load(String preset, String... settings) {
    return MienConfiguration.load(Optional.of(preset), Optional.empty(), List.of(settings));
  }
}
