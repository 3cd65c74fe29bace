package dev.mien.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.model.marlin.MarlinStateDict;
import dev.mien.model.parameters.Safetensors;
import dev.mien.model.parameters.Tensor;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.Manifest;
import dev.mien.spark.run.Snapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class ExportCommandTest {

  private static final MienConfiguration TINY =
      MienConfiguration.load(
          Optional.of("tiny"),
          Optional.empty(),
          List.of("model { image = 56, patch = 14, encoder.width = 24, decoder.width = 12 }"));

  private static final TrainingState STATE = TrainingState.initial(TINY.model(), 5);

  private Path run;
  private Path output;

  @BeforeMethod
  public void makeRun() throws IOException {
    run = Files.createTempDirectory("run");
    output = Files.createTempDirectory("export");
    new Checkpoints(new Configuration(), run.toString())
        .write(
            new Manifest(
                Manifest.FORMAT,
                3,
                12,
                12L,
                "0.1.0 (test)",
                "hdfs://data",
                7,
                List.of(),
                Map.of("people", 3L),
                42,
                TINY.source(),
                "round-00000002",
                "",
                Map.of(),
                Map.of()),
            Snapshots.of(STATE));
  }

  @Test
  public void safetensorsHoldTheAuthorsTensorsAndWhatMadeThem() throws IOException {
    assertThat(Mien.run("export", "--run", run.toString(), "--output", output.toString())).isZero();
    String checkpoint = run.resolve("checkpoints/round-00000003").toString();
    String sha256 =
        Checkpoints.manifest(new Configuration(), new org.apache.hadoop.fs.Path(checkpoint))
            .modelSha256();

    Safetensors model = read("model.safetensors");
    assertThat(values(model.tensors()))
        .isEqualTo(values(MarlinStateDict.generator(TINY.model(), STATE.parameters())));
    assertThat(model.metadata())
        .containsEntry("format", "pt")
        .containsEntry("code", "0.1.0 (test)")
        .containsEntry("dataset", "hdfs://data")
        .containsEntry("dataset_version", "7")
        .containsEntry("seed", "42")
        .containsEntry("round", "3")
        .containsEntry("steps", "12")
        .containsEntry("parent", checkpoint + ", sha256 " + sha256)
        .containsEntry("configuration", TINY.source());
    assertThat(read("encoder.safetensors").tensors().keySet())
        .allMatch(name -> name.startsWith("encoder."))
        .contains("encoder.pos_embedding.emb");
    assertThat(output.resolve("README.md"))
        .content()
        .contains("| people | 3 |", "encoder_embed_dim=24", "| Dataset | hdfs://data, version 7 |")
        .contains("| Checkpoint before | round-00000002 |")
        .contains("attributes of a clip. It sees 16 frames at a stride of 2, and has seen faces")
        .contains("| Exported from | %s, sha256 %s |".formatted(checkpoint, sha256))
        .contains("mien pretrain --dataset URI --run URI --init FOLDER --preset NAME")
        .doesNotContain("mien embed"); // which takes no safetensors alone
    assertThat(read("discriminator.safetensors").tensors().keySet())
        .hasSize(4)
        .allMatch(name -> name.startsWith("discriminator."));
  }

  @Test
  public void whereItIsIsSaidWithItsFileSystem() {
    PrintStream before = System.out;
    var said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(Mien.run("export", "--run", run.toString(), "--output", output.toString()))
          .isZero();
    } finally {
      System.setOut(before);
    }
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("Exported %s to file:%s".formatted(run, output));
  }

  @Test
  public void aFolderOfSomebodyElsesStaysAsItIs() throws IOException {
    Path own = Files.createDirectories(output.resolve("own"));
    for (String name : List.of("model.safetensors", "config.json", "README.md")) {
      Files.writeString(own.resolve(name), "my own");
    }

    for (String format : List.of("safetensors", "huggingface", "djl")) {
      assertThat(
              Mien.run("export", "--run", "" + run, "--format", format, "--output", own.toString()))
          .as(format)
          .isEqualTo(2);
    }
    try (Stream<Path> files = Files.list(own)) {
      assertThat(files).hasSize(3).allSatisfy(file -> assertThat(file).hasContent("my own"));
    }
  }

  @Test
  public void whatIsExportedIsNotForOthersToRead() throws IOException {
    Path exported = output.resolve("exported");
    assertThat(
            Mien.run(
                "export",
                "--run",
                run.toString(),
                "--format",
                "djl",
                "--output",
                exported.toString()))
        .isZero();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(exported)))
        .isEqualTo("rwxr-x---");
    for (String file : List.of("encoder.pt", "serving.properties", "README.md")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(exported.resolve(file))))
          .as(file)
          .isEqualTo("rw-r-----");
    }
  }

  /** Under a locale whose digits are others. */
  @Test
  public void djlGetsAModelDirectory() throws IOException {
    Locale usual = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      int exit =
          Mien.run(
              "export", "--run", run.toString(), "--format", "djl", "--output", output.toString());
      assertThat(exit).isZero();
    } finally {
      Locale.setDefault(usual);
    }
    assertThat(output.resolve("README.md"))
        .content()
        .contains("mien embed --dataset URI --model FOLDER --output URI")
        .contains("clips of 16 frames of 56 × 56 pixels in", "to `[B,24]`", "| people | 3 |")
        .contains("| Trained | 3 rounds, 12 steps |")
        .doesNotContain("mien pretrain"); // which trains no TorchScript
    assertThat(output.resolve("encoder.pt")).isNotEmptyFile();
    assertThat(Files.readAllLines(output.resolve("serving.properties")))
        .contains(
            "engine=PyTorch",
            "image=56",
            "width=24",
            "translatorFactory=dev.mien.model.marlin.ClipTranslatorFactory");
    assertThat(output.resolve("provenance.json")).content().contains("\"dataset_version\": \"7\"");
  }

  @Test
  public void neitherTheRunNorItsCheckpointIsWrittenTo() throws IOException {
    Path checkpoint = run.resolve("checkpoints/round-00000003");
    byte[] model = Files.readAllBytes(checkpoint.resolve("model.safetensors"));
    for (Path folder : List.of(run, checkpoint)) {
      assertThat(Mien.run("export", "--run", run.toString(), "--output", folder.toString()))
          .as("%s", folder)
          .isEqualTo(2);
    }
    assertThat(run.resolve("encoder.safetensors")).doesNotExist();
    assertThat(checkpoint.resolve("model.safetensors")).hasBinaryContent(model);
  }

  @Test
  public void anExportLeavesNothingOfOneBefore() {
    for (String format : List.of("djl", "safetensors", "huggingface")) {
      assertThat(
              Mien.run(
                  "export",
                  "--run",
                  run.toString(),
                  "--format",
                  format,
                  "--output",
                  output.toString()))
          .isZero();
    }
    assertThat(output)
        .isDirectoryContaining(file -> file.endsWith("config.json"))
        .isDirectoryNotContaining(file -> file.endsWith("discriminator.safetensors"))
        .isDirectoryNotContaining(file -> file.endsWith("encoder.safetensors"))
        .isDirectoryNotContaining(file -> file.endsWith("serving.properties"));
  }

  @Test
  public void aFolderWithoutACheckpointIsBadInput() {
    assertThat(Mien.run("export", "--run", output.toString(), "--output", output.toString()))
        .isEqualTo(2);
    assertThat(output).isEmptyDirectory();
  }

  @Test
  public void aNameNodeWhoseHostIsNotKnownIsAFailure() {
    PrintStream before = System.err;
    var said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(
              Mien.run("export", "--run", "hdfs://no.invalid/run", "--output", output.toString()))
          .isEqualTo(1);
    } finally {
      System.setErr(before);
    }
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains("mien export failed: java.net.UnknownHostException: no.invalid");
  }

  private Safetensors read(String name) throws IOException {
    try (InputStream in = Files.newInputStream(output.resolve(name))) {
      return Safetensors.read(in);
    }
  }

  private static Map<String, List<Float>> values(Map<String, Tensor> tensors) {
    Map<String, List<Float>> values = new TreeMap<>();
    tensors.forEach(
        (name, tensor) -> {
          float[] floats = tensor.floats();
          List<Float> list = new ArrayList<>(floats.length);
          for (float value : floats) {
            list.add(value);
          }
          values.put(name, list);
        });
    return values;
  }
}
