package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.evaluate.EvaluateJob;
import dev.mien.spark.evaluate.Evaluation;
import dev.mien.spark.preprocess.PreprocessInputs;
import dev.mien.spark.preprocess.PreprocessJob;
import dev.mien.spark.pretrain.sample.RunParts;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import dev.mien.spark.run.ModelExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** A run on the samples, what it says of itself, and a run that begins with its export. */
public class FineTuningTest {

  private static final MienConfiguration CONFIGURATION = configuration("");

  private static MienConfiguration configuration(String setting) {
    return MienConfiguration.load(
        Optional.of("tiny"),
        Optional.empty(),
        List.of(
            "model { image = 56, patch = 14, encoder { width = 32, depth = 1, heads = 2 },"
                + " decoder { width = 16, depth = 1, heads = 2 } }",
            "training { replicas = 1, batch-size = 4, local-steps = 3, epochs = 2,"
                + " windows-per-clip = 1, seed = 31, validate-every = 100, checkpoint-every = 1,"
                + " validation-clips = 4 }",
            "evaluation { clips = 8, window-step = 16, resamples = 50 }",
            setting));
  }

  private SparkSession spark;
  private Configuration hadoop;
  private Path folder;

  @BeforeClass
  public void train() throws IOException {
    spark = LocalSpark.open(CONFIGURATION);
    hadoop = spark.sessionState().newHadoopConf();
    folder = Files.createTempDirectory("fine-tuning");
    new PreprocessJob(spark, CONFIGURATION)
        .run(PreprocessInputs.of(Path.of("../samples/dev/mp4").toUri().toString()), uri("dataset"));
    new PretrainJob(spark, CONFIGURATION).start(uri("dataset"), uri("run"));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  @Test
  public void theLastCheckpointHasTheValidationLossOfItsOwnState() throws IOException {
    Checkpoint newest = newest("run");
    long round = newest.manifest().round();
    double loss = newest.manifest().figures().get("validation_loss");

    assertThat(validation("run", round)).isEqualTo(loss);
    assertThat(validation("run", 0)).isNotEqualTo(loss);
  }

  @Test
  public void theCardSaysWhatTheModelIsAndNamesNobody() {
    Path card = folder.resolve("run/checkpoints").resolve(Checkpoints.name(newestRound()));
    assertThat(card.resolve("README.md"))
        .content()
        .contains("| people | 1 |", "| videos | 2 |", "| tracks | 2 |", "| clips held out | ")
        .contains("| validation_loss | 0.", "| Seed | 31 |", "\"decoder\": {")
        .contains("Do not judge a person by it")
        .doesNotContain("id90001");
  }

  @Test
  public void aRunBeginsWithTheExportOfAnother() throws IOException {
    ModelExport.write(hadoop, uri("run"), ModelExport.Format.SAFETENSORS, uri("export"));
    PretrainJob job = new PretrainJob(spark, CONFIGURATION).beginningWith(uri("export"));
    job.start(uri("dataset"), uri("tuned"));

    assertThat(validation("tuned", 0)).isEqualTo(validation("run", newestRound()));
    List<String> names = new Checkpoints(hadoop, uri("tuned")).names();
    String first = names.get(0);
    assertThat(Checkpoints.model(hadoop, uri("tuned/checkpoints/" + first)).manifest().parent())
        .isEmpty();
    assertThat(newest("tuned").manifest().parent()).isEqualTo(names.get(names.size() - 2));
    assertThat(newest("tuned").manifest().origin())
        .as("whatever checkpoints are left")
        .matches(
            ".*/export/model.safetensors, sha256 [0-9a-f]{64} and"
                + " .*/export/discriminator.safetensors, sha256 [0-9a-f]{64}");
    assertThat(RunParts.open(spark, uri("dataset"), newest("tuned").manifest()).doubt())
        .startsWith("the run began with weights that were trained before, ");
    assertThatThrownBy(() -> job.start(uri("dataset"), uri("tuned")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Run %s has checkpoints (go on with --resume, or name another --run)", uri("tuned"));
    Path recorded = record("other");
    assertThatThrownBy(() -> job.beginningWith(uri("nowhere")).start(uri("dataset"), uri("other")))
        .hasMessageContaining("No weights at");
    assertThat(recorded).as("of a run without checkpoints, by which it can go on").exists();

    FileUtil.fullyDelete(folder.resolve("tuned/checkpoints").toFile());
    assertThatThrownBy(
            () ->
                new PretrainJob(spark, CONFIGURATION)
                    .resume(uri("dataset"), uri("tuned"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "Cannot resume .*/tuned/?, which has no checkpoint yet, with weights drawn from the seed:"
                + " it began with .*/export/model.safetensors, sha256 .*");
    PretrainJob wider = new PretrainJob(spark, configuration("model.encoder.heads = 4"));
    assertThatThrownBy(
            () -> wider.beginningWith(uri("run")).start(uri("dataset"), uri("other-heads")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("it is of another network", "encoderHeads=2", "encoderHeads=4");
  }

  @Test
  public void aRunKilledBeforeItsFirstCheckpointBeginsWithItsWeightsAndStepsAgain()
      throws IOException {
    ModelExport.write(hadoop, uri("run"), ModelExport.Format.SAFETENSORS, uri("weights"));
    record("begun");
    PretrainJob timed = new PretrainJob(spark, configuration("averaging.round-time = 1s"));

    timed.beginningWith(uri("weights")).resume(uri("dataset"), uri("begun"), Set.of());

    assertThat(validation("begun", 0)).isEqualTo(validation("run", newestRound()));
    assertThat(folder.resolve("begun/first-weights.txt")).content().contains("/weights/model.");
    assertThat(MetricsLog.read(hadoop, uri("begun")).get(1).get("local_steps").getAsInt())
        .isEqualTo(2);
  }

  @Test
  public void aRunWithoutCheckpointsDoesNotGoOnWithAnotherDiscriminator() throws IOException {
    ModelExport.write(hadoop, uri("run"), ModelExport.Format.SAFETENSORS, uri("pair"));
    PretrainJob job = new PretrainJob(spark, CONFIGURATION).beginningWith(uri("pair"));
    job.start(uri("dataset"), uri("paired"));
    FileUtil.fullyDelete(folder.resolve("paired/checkpoints").toFile());
    Path discriminator = folder.resolve("pair/discriminator.safetensors");
    byte[] bytes = Files.readAllBytes(discriminator);
    bytes[bytes.length - 4] ^= 1; // the least bit of its last number
    Files.write(discriminator, bytes);
    Files.deleteIfExists(folder.resolve("pair/.discriminator.safetensors.crc"));

    assertThatThrownBy(() -> job.resume(uri("dataset"), uri("paired"), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it began with ");
  }

  @Test
  public void anEvaluationJudgesByWhatTheRunHeldOut() throws IOException {
    EvaluateJob job = new EvaluateJob(spark, CONFIGURATION);
    Evaluation evaluation = job.run(uri("dataset"), uri("run"));

    assertThat(evaluation.counts().tracksFitted()).isEqualTo(1);
    assertThat(evaluation.counts().tracksHeldOut()).isEqualTo(1);
    assertThat(evaluation.counts().windowsHeldOut()).isGreaterThan(8);
    assertThat(evaluation.text())
        .contains("frozen embeddings of 32 values", "yaw ", "pitch ", "mouth ", "eyes ")
        .contains("\noverall trained", "\nwithin  trained", "\nbetween yaw 0 %, pitch 0 %");
    assertThat(evaluation.json())
        .contains("\"untrained\"", "\"within_tracks\"", "\"dataset_version\": \"1\"");
    assertThat(job.run(uri("dataset"), uri("run")).json()).isEqualTo(evaluation.json());
  }

  /** Makes the folder of a run that was killed before its first checkpoint. */
  private Path record(String run) throws IOException {
    Path record = Files.createDirectories(folder.resolve(run)).resolve("steps.json");
    return Files.writeString(record, "{\"0\":2}");
  }

  private long newestRound() {
    try {
      return newest("run").manifest().round();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Checkpoint newest(String run) throws IOException {
    return new Checkpoints(hadoop, uri(run)).newest(manifest -> {}, message -> {}).orElseThrow();
  }

  private double validation(String run, long round) throws IOException {
    for (JsonObject line : MetricsLog.read(hadoop, uri(run))) {
      if (line.get("kind").getAsString().equals(MetricsLog.VALIDATION)
          && line.get("round").getAsLong() == round) {
        return line.get("loss").getAsDouble();
      }
    }
    throw new AssertionError("No validation after round " + round + " of " + run);
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
