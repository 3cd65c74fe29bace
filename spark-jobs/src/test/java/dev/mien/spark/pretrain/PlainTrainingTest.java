package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.google.gson.JsonObject;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Rounds against the loop that anyone would write, on a sample video. */
public class PlainTrainingTest {

  private static final MienConfiguration CONFIGURATION = configuration();

  private static final String PAIR = "training { replicas = 2, batch-size = 1, epochs = 4 }";

  private SparkSession spark;
  private Path folder;

  @BeforeClass
  public void preprocess() throws IOException {
    spark = LocalSpark.open(CONFIGURATION);
    folder = Files.createTempDirectory("plain");
    TestDatasets.empty(spark, dataset());
    new PreprocessJob(spark, CONFIGURATION)
        .run(
            PreprocessInputs.of(Path.of("../samples/dev/mp4/id90001/cap13").toUri().toString()),
            dataset());
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void oneReplicaIsPlainTrainingBitForBit() throws IOException {
    String run = train("run");
    Checkpoint checkpoint =
        new Checkpoints(hadoop(), run).newest(manifest -> {}, message -> {}).orElseThrow();

    TrainingState plain = trainPlainly(Set.of());

    assertThat(checkpoint.manifest().steps()).isEqualTo(plain.steps()).isPositive();
    assertThat(checkpoint.parameters())
        .as("seed %d", CONFIGURATION.training().seed())
        .isEqualTo(plain.parameters());
    assertThat(checkpoint.moments().get(1)).isEqualTo(plain.secondMoment());
  }

  @Test
  public void replicasThatAverageAfterEveryStepTakeTheStepOfTheUnionBatch() throws IOException {
    ParameterVector many = descend("many", 4, 2);
    ParameterVector one = descend("one", 1, 8);

    assertThat(one.values())
        .isNotEqualTo(PlainTraining.initial(CONFIGURATION).parameters().values());
    assertThat(many.values()).containsExactly(one.values(), within(1e-6f));
  }

  @Test(dependsOnMethods = "oneReplicaIsPlainTrainingBitForBit")
  public void oneReplicaThatKeepsItsMomentsIsPlainTrainingToo() throws IOException {
    String run = train("kept", "averaging.inner-state = local");

    assertThat(Checkpoints.model(hadoop(), run).parameters())
        .isEqualTo(Checkpoints.model(hadoop(), uri("run")).parameters());
    assertThat(files("kept/checkpoints"))
        .as("what replicas keep goes with its round")
        .map(file -> file.replaceFirst("-00000-[\\w-]+\\.", "-00000-ATTEMPT."))
        .containsExactlyInAnyOrder(
            "round-00000004/README.md",
            "round-00000004/manifest.json",
            "round-00000004/model.safetensors",
            "round-00000004/replica-00000-ATTEMPT.safetensors");
  }

  @Test
  public void momentsThatAreResetStartEachRoundAnew() throws IOException {
    String run = train("reset", "averaging.inner-state = reset");

    assertThat(Checkpoints.model(hadoop(), run).parameters())
        .isEqualTo(trainPlainly(Set.of(3L, 6L, 9L)).parameters());
  }

  @Test
  public void momentsThatAreKeptFromHereOnCountTheirOwnStepsOnly() throws IOException {
    String every = "training { checkpoint-every = 1, checkpoints-kept = 9 }";
    String run = train("reset-at-first", "averaging.inner-state = reset", every);
    for (String later : List.of("round-00000003", "round-00000004")) {
      Files.delete(folder.resolve("reset-at-first/checkpoints/" + later + "/manifest.json"));
    }

    new PretrainJob(spark, configuration("averaging.inner-state = average", every))
        .resume(dataset(), run, Set.of("averaging.inner-state"));

    assertThat(Checkpoints.model(hadoop(), run).parameters())
        .isEqualTo(trainPlainly(Set.of(3L, 6L)).parameters());
  }

  /** What a run carries from round to round, in all its ways. */
  @DataProvider
  public Object[][] carried() {
    return new Object[][] {
      {"local", "averaging.inner-state = local"},
      {"outer", "averaging { inner-state = local, outer.kind = nesterov }"},
      {"int8", "averaging { inner-state = reset, exchange = int8 }"},
      {"bf16", "averaging { inner-state = local, exchange = bfloat16, outer.kind = nesterov }"},
      {"warm", "averaging { inner-state = local, exchange = int8, synchronous-steps = 2 }"},
    };
  }

  @Test(dataProvider = "carried")
  public void aRunResumedInItsMiddleEndsWhereTheWholeOneDid(String name, String averaging)
      throws IOException {
    String[] settings = {
      averaging,
      "training { replicas = 2, batch-size = 1, checkpoint-every = 1, checkpoints-kept = 9 }"
    };
    String run = train(name, settings);
    ParameterVector whole = Checkpoints.model(hadoop(), run).parameters();
    List<String> rounds = new Checkpoints(hadoop(), run).names();
    assertThat(rounds).hasSizeBetween(4, 6);
    for (String later : rounds.subList(2, rounds.size())) {
      Files.delete(
          folder.resolve(name).resolve("checkpoints").resolve(later).resolve("manifest.json"));
    }

    new PretrainJob(spark, configuration(settings)).resume(dataset(), run, Set.of());

    assertThat(new Checkpoints(hadoop(), run).names()).isEqualTo(rounds);
    assertThat(Checkpoints.model(hadoop(), run).parameters()).isEqualTo(whole);
    assertThat(whole.values()).isNotEqualTo(trainPlainly(Set.of()).parameters().values());
  }

  @Test
  public void roundedDifferencesTrainAsWellAsExactOnes() throws IOException {
    double exact = lastLoss(train("exact", "averaging.inner-state = reset", PAIR));
    for (String exchange : List.of("bfloat16", "int8")) {
      String run =
          train(
              "rounded-" + exchange,
              "averaging { inner-state = reset, exchange = " + exchange + " }",
              PAIR);
      assertThat(lastLoss(run)).as(exchange).isCloseTo(exact, withinPercentage(1));
      assertThat(Checkpoints.model(hadoop(), run).parameters())
          .isNotEqualTo(Checkpoints.model(hadoop(), uri("exact")).parameters());
    }
  }

  private double lastLoss(String run) throws IOException {
    List<JsonObject> lines = MetricsLog.read(hadoop(), run);
    return lines.get(lines.size() - 1).get("loss").getAsDouble();
  }

  private String train(String name, String... settings) throws IOException {
    new PretrainJob(spark, configuration(settings)).start(dataset(), uri(name));
    return uri(name);
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }

  private Configuration hadoop() {
    return spark.sessionState().newHadoopConf();
  }

  /** All files below, without the checksums of Hadoop's local file system. */
  private List<String> files(String below) throws IOException {
    Path root = folder.resolve(below);
    try (Stream<Path> found = Files.walk(root)) {
      return found
          .filter(Files::isRegularFile)
          .map(path -> root.relativize(path).toString())
          .filter(name -> !name.endsWith(".crc"))
          .toList();
    }
  }

  /** Plain descent without an adversary, whose own step would be another for each replica. */
  private ParameterVector descend(String name, int replicas, int batchSize) throws IOException {
    MienConfiguration configuration =
        configuration(
            "optimiser { kind = sgd, learning-rate = 3, minimum-learning-rate = 1 }",
            "objective.adversarial-weight = 0",
            "training { replicas = %d, batch-size = %d, local-steps = 1, epochs = 4 }"
                .formatted(replicas, batchSize));
    new PretrainJob(spark, configuration).start(dataset(), uri(name));
    return Checkpoints.model(hadoop(), uri(name)).parameters();
  }

  @Test(dependsOnMethods = "oneReplicaIsPlainTrainingBitForBit")
  public void aRunIsNotResumedByOtherSettings() {
    MienConfiguration other =
        MienConfiguration.parse(CONFIGURATION.source().replace("\"seed\":31", "\"seed\":32"));

    assertThatThrownBy(
            () ->
                new PretrainJob(spark, other)
                    .resume(dataset(), folder.resolve("run").toUri().toString(), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("with other settings (--allow KEY")
        .hasMessageEndingWith("\n  training.seed: 31 -> 32");
    assertThatThrownBy(
            () ->
                new PretrainJob(spark, configuration("model.decoder.depth = 2"))
                    .resume(dataset(), uri("run"), Set.of("model.decoder.depth")))
        .hasMessageContaining("model.decoder.depth: 1 -> 2 (another network: cannot be allowed)");
  }

  @Test(dependsOnMethods = "oneReplicaIsPlainTrainingBitForBit")
  public void aRunIsResumedByOtherSettingsThatAreMeant() throws IOException {
    String run = train("longer", "training.epochs = 1");

    new PretrainJob(spark, CONFIGURATION).resume(dataset(), run, Set.of("training.epochs"));

    assertThat(new Checkpoints(hadoop(), run).names()).contains("round-00000002", "round-00000004");
  }

  /**
   * Trains without rounds.
   *
   * @param anew steps after which the moments are zero again
   */
  private TrainingState trainPlainly(Set<Long> anew) throws IOException {
    return PlainTraining.train(spark, CONFIGURATION, dataset(), anew);
  }

  private static MienConfiguration configuration(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 },"
                    + " decoder { width = 16, depth = 1, heads = 2 } }",
                "training { replicas = 1, batch-size = 2, local-steps = 3, epochs = 2,"
                    + " windows-per-clip = 1, seed = 31, validate-every = 2 }"));
    all.addAll(List.of(settings));
    return MienConfiguration.load(Optional.of("tiny"), Optional.empty(), all);
  }

  private String dataset() {
    return folder.resolve("dataset").toUri().toString();
  }
}
