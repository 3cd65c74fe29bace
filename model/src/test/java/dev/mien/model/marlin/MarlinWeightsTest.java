package dev.mien.model.marlin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Tensor;
import dev.mien.model.parameters.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Files that {@code torch.save} made of {@code marlin_pytorch}'s own, tiny, network. */
public class MarlinWeightsTest {
  private static final MarlinArchitecture A = new MarlinArchitecture(8, 4, 16, 2, 8, 2, 2, 4, 1, 2);

  /** What marlin_pytorch gave for the clip whose byte i is 37 i modulo 256, pooled. */
  private static final float[] EXPECTED = {
    -0.49465775f, -0.77890664f, -1.1754999f, -0.52570045f,
    1.5039464f, 0.8912202f, -0.5098342f, 0.623262f
  };

  @DataProvider
  public Object[][] files() {
    return new Object[][] {
      {"marlin-encoder.pt", 2e-5f}, {"marlin-full.ckpt", 2e-5f}, {"marlin-encoder-half.pt", 2e-2f}
    };
  }

  @Test(dataProvider = "files")
  public void theAuthorsWeightsGiveTheAuthorsEmbedding(String name, float tolerance)
      throws IOException {
    ParameterVector parameters = MarlinStateDict.load(A, read(name), 1).parameters();
    try (var encoder = FaceVideoEncoder.open(A, parameters, Device.cpu())) {
      var pixels = ByteBuffer.allocateDirect(A.clipBytes());
      for (int i = 0; i < A.clipBytes(); i++) {
        pixels.put((byte) (i * 37));
      }
      assertThat(encoder.embed(1, pixels.flip())[0]).containsExactly(EXPECTED, within(tolerance));
    }
  }

  @Test
  public void whatAFileLacksIsDrawnFromTheSeedAndSaid() throws IOException {
    var drawn = MarlinInitialisation.draw(A, 5).tensors("");
    var encoder = MarlinStateDict.load(A, read("marlin-encoder.pt"), 5);
    assertThat(encoder.initialised())
        .containsExactly(MarlinStateDict.Part.DECODER, MarlinStateDict.Part.DISCRIMINATOR);
    assertThat(encoder.ignored()).isEmpty();
    var loaded = encoder.parameters().tensors("");
    assertThat(loaded.get("decoder.head.weight")).isEqualTo(drawn.get("decoder.head.weight"));
    assertThat(loaded.get("encoder.norm.weight")).isNotEqualTo(drawn.get("encoder.norm.weight"));

    var full = MarlinStateDict.load(A, read("marlin-full.ckpt"), 5);
    assertThat(full.initialised()).containsExactly(MarlinStateDict.Part.DISCRIMINATOR);
    assertThat(full.parameters().tensors("").get("decoder.head.weight"))
        .isNotEqualTo(drawn.get("decoder.head.weight"));
  }

  @Test
  public void prefixesGoAndForeignTensorsAreSaid() throws IOException {
    var tensors = new TreeMap<String, Tensor>();
    read("marlin-full.ckpt")
        .forEach((name, tensor) -> tensors.put("module.marlin." + name, tensor));
    tensors.put("metric.total", Tensor.of(List.of(), 1f));
    tensors.put(
        "encoder.norm.weight",
        Tensor.of(List.of((long) A.encoderWidth()), new float[A.encoderWidth()]));
    tensors.put("decoder.fc.weight", Tensor.of(List.of(1L), 1f)); // of the network around it
    var loaded = MarlinStateDict.load(A, tensors, 5);
    assertThat(loaded.parameters())
        .isEqualTo(MarlinStateDict.load(A, read("marlin-full.ckpt"), 5).parameters());
    assertThat(loaded.ignored())
        .containsExactly("decoder.fc.weight", "encoder.norm.weight", "metric.total");
  }

  @Test
  public void whatIsExportedLoadsToTheBit() {
    ParameterVector parameters = MarlinInitialisation.draw(A, 3);
    var tensors = new TreeMap<>(MarlinStateDict.generator(A, parameters));
    assertThat(MarlinStateDict.encoder(A, parameters).keySet())
        .isEqualTo(new TreeMap<>(tensors).subMap("encoder.", "encoder/").keySet());
    tensors.putAll(MarlinStateDict.discriminator(A, parameters));
    var loaded = MarlinStateDict.load(A, tensors, 4);
    assertThat(loaded.parameters()).isEqualTo(parameters);
    assertThat(loaded.initialised()).isEmpty();
  }

  @DataProvider
  public Object[][] broken() {
    Consumer<Map<String, Tensor>> partial = tensors -> tensors.remove("decoder.norm.bias");
    Consumer<Map<String, Tensor>> deeper =
        tensors -> tensors.put("encoder.blocks.2.norm1.weight", Tensor.of(List.of(1L), 1f));
    Consumer<Map<String, Tensor>> hostile =
        tensors -> tensors.put("encoder.\u001B[2J", Tensor.of(List.of(1L), 1f));
    Consumer<Map<String, Tensor>> infinite =
        tensors ->
            tensors.put(
                "encoder.norm.bias", Tensor.of(List.of(8L), 0, 0, 0, Float.NaN, 0, 0, 0, 0));
    Consumer<Map<String, Tensor>> wider =
        tensors -> tensors.put("encoder.norm.bias", Tensor.of(List.of(1L), 0f));
    Consumer<Map<String, Tensor>> moved =
        tensors ->
            tensors.put(
                "encoder.pos_embedding.emb", Tensor.of(List.of(1L, 32L, 8L), new float[256]));
    Consumer<Map<String, Tensor>> none = Map::clear;
    return new Object[][] {
      {partial, "Missing tensor: decoder.norm.bias"},
      {deeper, "Unknown tensor: encoder.blocks.2.norm1.weight (the weights are of a network with"},
      {deeper, "encoder width 8, 3 blocks, patches [2, 4, 4], 32 tokens; the configuration's has"},
      {hostile, "Unknown tensor: encoder.?[2J (the weights are of a network with"},
      {infinite, "encoder.norm.bias has the value NaN (must be finite)"},
      {wider, "encoder.norm.bias is F32 of shape [1] (must be floats of shape [8])"},
      {moved, "encoder.pos_embedding.emb of shape [1, 32, 8] is not the position table"},
      {none, "0 of 0 tensors are named encoder.patch_embedding.projection.weight"}
    };
  }

  @Test(dataProvider = "broken")
  public void anotherNetworkIsRefused(Consumer<Map<String, Tensor>> change, String message)
      throws IOException {
    var tensors = new TreeMap<>(read("marlin-full.ckpt"));
    change.accept(tensors);
    assertThatThrownBy(() -> MarlinStateDict.load(A, tensors, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static Map<String, Tensor> read(String name) throws IOException {
    try (InputStream in = MarlinWeightsTest.class.getResourceAsStream(name)) {
      Path file = Files.createTempFile("fixture", null);
      file.toFile().deleteOnExit();
      Files.write(file, in.readAllBytes());
      return Weights.read(file);
    }
  }
}
