package dev.mien.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import dev.mien.model.marlin.MarlinStateDict;
import dev.mien.model.parameters.Safetensors;
import dev.mien.model.parameters.Tensor;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.run.InitialWeights;
import dev.mien.spark.run.ModelFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class ImportCommandTest {

  private static final String MODEL =
      "model { image = 56, patch = 14, encoder.width = 24, decoder.width = 12 }";
  private static final MienConfiguration TINY =
      MienConfiguration.load(Optional.of("tiny"), Optional.empty(), List.of(MODEL));
  private static final TrainingState STATE = TrainingState.initial(TINY.model(), 5);

  private Path folder;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("import");
  }

  @Test
  public void weightsGoInAndComeOutAsTheyWere() throws IOException {
    Path weights = folder.resolve("encoder.pt"); // what it is is told by its bytes
    try (var out = Files.newOutputStream(weights)) {
      Safetensors.write(out, Map.of(), MarlinStateDict.encoder(TINY.model(), STATE.parameters()));
    }

    String said = said(weights.toString(), folder.resolve("imported").toString());

    assertThat(said)
        .contains("Imported to file:" + folder.resolve("imported"))
        .contains("no decoder among them: initialised from the seed")
        .contains("no discriminator among them: initialised from the seed")
        .contains("encoder.pt, sha256 ");
    Checkpoints.Model model =
        Checkpoints.model(new Configuration(), folder.resolve("imported").toString());
    assertThat(model.parameters().select(TINY.model().encoderLayout()))
        .isEqualTo(STATE.parameters().select(TINY.model().encoderLayout()));
    assertThat(model.manifest().origin()).contains("encoder.pt, sha256 ");
    assertThat(folder.resolve("imported/README.md"))
        .content()
        .contains("| Trained by | others: the weights were imported |")
        .contains("\"image\": 56")
        .contains("attributes of a clip.\n\nIt was not made")
        .doesNotContain("at a stride of", "as Mien crops them");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("imported/model.safetensors"))))
        .isEqualTo("rw-r-----");
  }

  @Test
  public void whatHuggingFaceHasComesBackToo() throws IOException {
    String imported = imported();
    String exported = folder.resolve("exported").toString();
    assertThat(
            Mien.run("export", "--run", imported, "--format", "huggingface", "--output", exported))
        .isZero();

    assertThat(folder.resolve("exported/README.md"))
        .content()
        .contains("\nmarlin.marlin.extract_features(clips, keep_seq=False)");
    assertThat(
            JsonParser.parseString(Files.readString(folder.resolve("exported/config.json")))
                .getAsJsonObject()
                .get("encoder_embed_dim")
                .getAsInt())
        .isEqualTo(24);
    try (InputStream in = Files.newInputStream(folder.resolve("exported/model.safetensors"))) {
      assertThat(Safetensors.read(in).tensors().keySet())
          .allMatch(name -> name.startsWith("marlin.encoder."))
          .contains("marlin.encoder.pos_embedding.emb");
    }
    said(exported, folder.resolve("again").toString());
    assertThat(
            Checkpoints.model(new Configuration(), folder.resolve("again").toString())
                .parameters()
                .select(TINY.model().encoderLayout()))
        .isEqualTo(STATE.parameters().select(TINY.model().encoderLayout()));
  }

  @Test
  public void anExportForDjlHasNoWeightsToRead() throws IOException {
    String imported = imported();
    String exported = folder.resolve("exported").toString();
    assertThat(Mien.run("export", "--run", imported, "--format", "djl", "--output", exported))
        .isZero();

    assertThatThrownBy(() -> InitialWeights.read(new Configuration(), exported))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot load %s: it is an export for DJL, whose weights are in TorchScript (export the"
                + " run again with --format safetensors)",
            exported);
  }

  @Test
  public void namesAreSaidWithoutWhatATerminalWouldActOnAndAFewOfMany() throws IOException {
    Map<String, Tensor> tensors =
        new TreeMap<>(MarlinStateDict.encoder(TINY.model(), STATE.parameters()));
    for (int i = 10; i < 22; i++) {
      tensors.put("\u001B[2Jother" + i, Tensor.of(List.of(1L), i));
    }
    Path weights = folder.resolve("weights.safetensors");
    try (var out = Files.newOutputStream(weights)) {
      Safetensors.write(out, Map.of(), tensors);
    }

    assertThat(said(weights.toString(), folder.resolve("imported").toString()))
        .contains("  ignored: ?[2Jother10, ?[2Jother11, ")
        .contains(", ?[2Jother19 and 2 more\n")
        .doesNotContain("\u001B");
  }

  @Test
  public void anotherNetworksWeightsAreBadInput() throws IOException {
    Path weights = folder.resolve("weights.safetensors");
    try (var out = Files.newOutputStream(weights)) {
      Safetensors.write(out, Map.of(), MarlinStateDict.encoder(TINY.model(), STATE.parameters()));
    }
    Path output = folder.resolve("imported");
    assertThat(Mien.run("import", "--weights", weights.toString(), "--output", output.toString()))
        .isEqualTo(2);
    assertThat(output).doesNotExist();
  }

  @Test
  public void aDamagedFileIsBadInput() throws IOException {
    Path weights = Files.writeString(folder.resolve("weights.pt"), "PK\3\4 and no more");
    Path output = folder.resolve("imported");
    assertThat(
            Mien.run(
                "import",
                "--weights",
                weights.toString(),
                "--set",
                MODEL,
                "--output",
                output.toString()))
        .isEqualTo(2);
    assertThat(output).doesNotExist();
  }

  @Test
  public void aRunAndAnImportHaveFoldersOfTheirOwn() throws IOException {
    Path run = Files.createDirectories(folder.resolve("run/checkpoints")).getParent();
    String imported = imported();
    String weights = folder.resolve("weights.safetensors").toString();

    assertThat(imported(weights, run.toString())).isEqualTo(2);
    assertThat(run.resolve("manifest.json")).doesNotExist();
    assertThatThrownBy(() -> ModelFolder.requireForRun(new Configuration(), imported))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid folder: %s is a checkpoint itself, as mien import makes them, which would be"
                + " taken for the new model (name another)",
            imported);
  }

  /** Exit code. */
  private static int imported(String weights, String output) {
    return Mien.run(
        "import", "--weights", weights, "--preset", "tiny", "--set", MODEL, "--output", output);
  }

  private static String said(String weights, String output) {
    PrintStream before = System.out;
    var said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(imported(weights, output)).isZero();
    } finally {
      System.setOut(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  /** A checkpoint of the state's generator. */
  private String imported() throws IOException {
    Path weights = folder.resolve("weights.safetensors");
    try (var out = Files.newOutputStream(weights)) {
      Safetensors.write(out, Map.of(), MarlinStateDict.generator(TINY.model(), STATE.parameters()));
    }
    String imported = folder.resolve("imported").toString();
    said(weights.toString(), imported);
    return imported;
  }
}
