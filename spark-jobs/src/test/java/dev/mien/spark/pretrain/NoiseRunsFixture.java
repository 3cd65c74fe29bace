package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.spark.LocalSpark;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.StoredRows;
import dev.mien.spark.dataset.TestDatasets;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.MetricsLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Runs on two clips of noise from each of four people. */
abstract class NoiseRunsFixture {

  static final List<String> PEOPLE = List.of("anna", "ben", "cleo", "dan");

  SparkSession spark;
  Path folder;

  @BeforeClass
  public void publish() throws IOException {
    spark = LocalSpark.open(configuration());
    folder = Files.createTempDirectory("runs");
    StoredRows.publishApart(
        spark,
        TestDatasets.empty(spark, uri("dataset")),
        PEOPLE.stream()
            .map(person -> StoredRows.processed(person + ".mp4", "v-" + person, person))
            .toArray(Row[]::new));
  }

  @AfterClass(alwaysRun = true)
  public void stop() {
    spark.stop();
  }

  void start(String name, String... settings) throws IOException {
    job(settings).start(uri("dataset"), uri(name));
    assertThat(new Checkpoints(hadoop(), uri(name)).names()).hasSize(6);
  }

  PretrainJob job(String... settings) {
    return new PretrainJob(spark, configuration(settings));
  }

  Checkpoint newest(String run) throws IOException {
    return new Checkpoints(hadoop(), uri(run)).newest(manifest -> {}, message -> {}).orElseThrow();
  }

  ParameterVector model(String run, long round) throws IOException {
    return Checkpoints.model(hadoop(), uri(run + "/checkpoints/" + Checkpoints.name(round)))
        .parameters();
  }

  /** Takes checkpoints away, as if the run had been killed before them. */
  void forget(String run, long... rounds) throws IOException {
    for (long round : rounds) {
      Files.delete(checkpoints(run).resolve(Checkpoints.name(round)).resolve("manifest.json"));
    }
  }

  List<JsonObject> lines(String run, String kind) throws IOException {
    return MetricsLog.read(hadoop(), uri(run)).stream()
        .filter(line -> line.get("kind").getAsString().equals(kind))
        .toList();
  }

  void copy(String from, String to) throws IOException {
    FileUtils.copyDirectory(folder.resolve(from).toFile(), folder.resolve(to).toFile());
  }

  Path checkpoints(String run) {
    return folder.resolve(run).resolve("checkpoints");
  }

  String uri(String name) {
    return "file://" + folder.resolve(name);
  }

  Configuration hadoop() {
    return spark.sessionState().newHadoopConf();
  }

  /** Six rounds of two steps on the clips of three people. */
  static MienConfiguration configuration(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "model { image = 56, patch = 14, frames = 2, encoder { width = 32, depth = 1,"
                    + " heads = 2 }, decoder { width = 16, depth = 1, heads = 2 } }",
                "training { replicas = 2, batch-size = 1, local-steps = 2, epochs = 4, stride = 1,"
                    + " windows-per-clip = 1, seed = 31, validation-fraction = 0.01,"
                    + " validate-every = 100, checkpoint-every = 1, checkpoints-kept = 9,"
                    + " retry-time = 0s }"));
    all.addAll(List.of(settings));
    return MienConfiguration.load(Optional.of("tiny"), Optional.empty(), all);
  }
}
