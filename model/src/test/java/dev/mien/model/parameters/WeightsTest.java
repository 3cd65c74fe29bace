package dev.mien.model.parameters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Files that PyTorch 1.13 and 2.15 wrote; value i of a ramp is i / 8 - 1. */
public class WeightsTest {

  @DataProvider
  public Object[][] plainFiles() {
    return new Object[][] {
      {"plain-torch1.13.pt"},
      {"plain-torch2.15.pt"},
      {"protocol3.pt"},
      {"protocol4.pt"},
      {"protocol5.pt"}
    };
  }

  @Test(dataProvider = "plainFiles")
  public void everyVersionAndProtocolGivesTheSameTensors(String name) throws IOException {
    Map<String, Tensor> tensors = Weights.read(fixture(name));
    assertThat(tensors.keySet()).containsExactly("empty", "scalar", "weight");
    assertThat(tensors.get("weight").shape()).containsExactly(2L, 3L);
    assertThat(tensors.get("weight").floats()).containsExactly(ramp(0, 1, 2, 3, 4, 5));
    assertThat(tensors.get("scalar").shape()).isEmpty();
    assertThat(tensors.get("scalar").floats()).containsExactly(1.5f);
    assertThat(tensors.get("empty").shape()).containsExactly(0L, 3L);
  }

  @Test
  public void viewsOfOneStorageBecomeRowMajor() throws IOException {
    for (String version : List.of("1.13", "2.15")) {
      Map<String, Tensor> tensors = Weights.read(fixture("views-torch" + version + ".pt"));
      assertTensor(
          tensors.get("transposed"),
          List.of(6L, 4L),
          ramp(
              0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17,
              23));
      assertTensor(tensors.get("row"), List.of(6L), ramp(12, 13, 14, 15, 16, 17));
      assertTensor(tensors.get("column"), List.of(4L), ramp(1, 7, 13, 19));
      assertTensor(tensors.get("every_other"), List.of(2L, 2L), ramp(6, 9, 18, 21));
      assertTensor(
          tensors.get("permuted"),
          List.of(4L, 2L, 3L),
          ramp(
              0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19,
              23));
      assertThat(tensors.get("tied").floats()).isEqualTo(tensors.get("whole").floats());
    }
  }

  @Test
  public void everyFloatingTypeIsReadAsFloat32() throws IOException {
    Map<String, Tensor> tensors = Weights.read(fixture("floats.pt"));
    assertThat(tensors.keySet()).containsExactly("bfloat16", "float16", "float32", "float64");
    tensors.forEach(
        (name, tensor) ->
            assertThat(tensor.floats()).as(name).containsExactly(ramp(0, 1, 2, 3, 4)));

    Map<String, Tensor> extremes = Weights.read(fixture("halves.pt"));
    assertThat(extremes.get("half").floats())
        .containsExactly(
            0f, -0f, 1f, -2f, 65504f, 0x1p-14f, 0x1p-24f, Float.POSITIVE_INFINITY, 0x1.554p-2f);
    assertThat(extremes.get("bfloat").floats())
        .containsExactly(0f, 1f, -2f, 0x1.FEp127f, 0x1p-133f, 0x1.56p-2f);
  }

  @Test
  public void integersKeepTheirTypes() throws IOException {
    Map<String, Tensor> tensors = Weights.read(fixture("integers.pt"));
    assertThat(tensors.get("int64").type()).isEqualTo(Tensor.Type.I64);
    assertThat(tensors.get("int32").type()).isEqualTo(Tensor.Type.I32);
    assertThat(tensors.get("int16").type()).isEqualTo(Tensor.Type.I16);
    assertThat(tensors.get("int8").type()).isEqualTo(Tensor.Type.I8);
    assertThat(tensors.get("uint8").type()).isEqualTo(Tensor.Type.U8);
    assertThat(tensors.get("bool").type()).isEqualTo(Tensor.Type.BOOL);
    assertThat(tensors.get("int16").data().duplicate().get(4)).isEqualTo((byte) 2);
    assertThatThrownBy(tensors.get("int16")::floats)
        .hasMessage("Cannot read floats from a tensor of I16");
  }

  @Test
  public void modulesAndTheirParametersAreRead() throws IOException {
    Map<String, Tensor> module = Weights.read(fixture("module.pt"));
    assertThat(module)
        .containsOnlyKeys(
            "0.weight",
            "0.bias",
            "1.weight",
            "1.bias",
            "1.running_mean",
            "1.running_var",
            "1.num_batches_tracked");
    assertThat(module.get("0.weight").floats()).containsExactly(ramp(0, 1, 2, 3, 4, 5));
    assertThat(Weights.read(fixture("parameters.pt")).get("0.weight"))
        .isEqualTo(module.get("0.weight"));
  }

  @Test
  public void aLightningCheckpointGivesItsStateDict() throws IOException {
    Map<String, Tensor> tensors = Weights.read(fixture("lightning.ckpt"));
    assertThat(tensors.keySet()).hasSize(7).allMatch(name -> name.startsWith("model."));
    assertThat(tensors.get("model.0.weight").floats()).containsExactly(ramp(0, 1, 2, 3, 4, 5));
  }

  /**
   * PyTorch 2.7.1 saved the state of Linear(3, 2), and of its SGD after a step of a LambdaLR whose
   * lambda is {@code 0.5 * (1 + np.cos(np.pi * e / 10))}, with {@code hyper_parameters} of {@code
   * np.float32(0.1)}, {@code np.int64(5)} and {@code np.bool_(True)}, in Lightning's layout.
   */
  @DataProvider
  public Object[][] numpyFiles() {
    return new Object[][] {
      {"lightning-numpy1.26.ckpt", "cnumpy.core.multiarray\nscalar\n"},
      {"lightning-numpy2.4.ckpt", "cnumpy._core.multiarray\nscalar\n"},
      {"lightning-numpy2.4-protocol4.ckpt", "numpy._core.multiarray\u0094\u008C\u0006scalar"}
    };
  }

  @Test(dataProvider = "numpyFiles")
  public void aLightningCheckpointMayHaveNumPyScalarsBesideItsStateDict(String name, String names)
      throws IOException {
    assertThat(Files.readString(fixture(name), StandardCharsets.ISO_8859_1)).contains(names);
    Map<String, Tensor> tensors = Weights.read(fixture(name));
    assertThat(tensors).containsOnlyKeys("model.weight", "model.bias");
    assertTensor(tensors.get("model.weight"), List.of(2L, 3L), ramp(0, 1, 2, 3, 4, 5));
    assertTensor(tensors.get("model.bias"), List.of(2L), 0.5f, 0.5f);
  }

  @Test
  public void safetensorsAreToldByTheirBytes() throws IOException {
    Path file = Files.createTempFile("weights", ".pt");
    try (var out = Files.newOutputStream(file)) {
      Safetensors.write(out, Map.of(), Map.of("a", Tensor.of(List.of(2L), 1f, 2f)));
    }
    assertThat(Weights.read(file).get("a").floats()).containsExactly(1f, 2f);
  }

  @DataProvider
  public Object[][] refused() {
    return new Object[][] {
      {"legacy.pt", "saved by PyTorch before 1.6, or in its legacy format, which is not read"},
      {"script.pt", "TorchScript archives, which hold code, are not read"},
      {"whole-module.pt", "names torch.nn.modules.container.Sequential, which is not on the list"},
      {"list.pt", "it holds a list (must be a dictionary of tensors)"}
    };
  }

  @Test(dataProvider = "refused")
  public void whatIsNoStateDictIsRefusedByName(String name, String message) {
    assertThatThrownBy(() -> Weights.read(fixture(name)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  private static void assertTensor(Tensor tensor, List<Long> shape, float... values) {
    assertThat(tensor.shape()).isEqualTo(shape);
    assertThat(tensor.floats()).containsExactly(values);
  }

  private static float[] ramp(int... numbers) {
    var values = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      values[i] = numbers[i] / 8f - 1;
    }
    return values;
  }

  static Path fixture(String name) {
    try (InputStream in = WeightsTest.class.getResourceAsStream(name)) {
      Path file = Files.createTempFile("fixture", null);
      file.toFile().deleteOnExit();
      Files.write(file, in.readAllBytes());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
