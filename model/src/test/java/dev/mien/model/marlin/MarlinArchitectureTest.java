package dev.mien.model.marlin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mien.model.Reference;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.Safetensors;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class MarlinArchitectureTest {
  @DataProvider
  public Object[][] sizes() {
    return new Object[][] {
      {MarlinArchitecture.small(), 21_879_936, 2_149_440, 1_181_185},
      {MarlinArchitecture.base(), 86_227_200, 7_983_744, 2_362_369},
      {MarlinArchitecture.large(), 303_860_736, 39_136_256, 3_149_825}
    };
  }

  @Test(dataProvider = "sizes")
  public void hasTheReferencesParameterCounts(
      MarlinArchitecture a, int encoder, int decoder, int discriminator) {
    assertThat(a.encoderLayout().size()).isEqualTo(encoder);
    assertThat(a.generatorLayout().size()).isEqualTo(encoder + decoder);
    assertThat(a.layout().size()).isEqualTo(encoder + decoder + discriminator);
    assertThat(a.tokens()).isEqualTo(1568);
    assertThat(a.patchValues()).isEqualTo(1536);
  }

  @Test
  public void namesAndShapesAreTheReferences() {
    Safetensors file = Reference.tiny();
    MarlinArchitecture tiny = Reference.architecture(file);
    var named =
        file.tensors().keySet().stream()
            .filter(name -> name.startsWith("weights.") && !name.endsWith("pos_embedding.emb"))
            .map(name -> name.substring("weights.".length()))
            .toList();
    assertThat(tiny.layout().parameters())
        .extracting(ParameterLayout.Parameter::name)
        .containsExactlyInAnyOrderElementsOf(named);
    assertThat(Reference.weights(file).layout()).isEqualTo(tiny.layout());
  }

  @Test
  public void positionsAreTheReferences() {
    Safetensors file = Reference.tiny();
    for (String part : new String[] {"encoder", "decoder"}) {
      float[] expected = Reference.floats(file, "weights." + part + ".pos_embedding.emb");
      float[] actual = MarlinScript.positions(32, expected.length / 32);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i])
            .as("%s value %d", part, i)
            .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-6f));
      }
    }
  }

  @Test
  public void namesWhatIsWrong() {
    assertThatThrownBy(() -> new MarlinArchitecture(224, 15, 16, 2, 384, 12, 6, 192, 4, 3))
        .hasMessage("Invalid image size: 224 (must be a multiple of the patch size, 15)");
    assertThatThrownBy(() -> new MarlinArchitecture(224, 16, 16, 3, 384, 12, 6, 192, 4, 3))
        .hasMessage("Invalid frame count: 16 (must be a multiple of the tubelet length, 3)");
    assertThatThrownBy(() -> new MarlinArchitecture(224, 16, 16, 2, 384, 12, 5, 192, 4, 3))
        .hasMessage("Invalid encoder width: 384 (must be a multiple of the encoder head count, 5)");
    assertThatThrownBy(() -> new MarlinArchitecture(0, 16, 16, 2, 384, 12, 6, 192, 4, 3))
        .hasMessage("Invalid image size: 0 (must be positive)");
    assertThatThrownBy(() -> new MarlinArchitecture(4096, 16, 4096, 2, 384, 12, 6, 192, 4, 3))
        .hasMessage(
            "Invalid architecture: 4096 frames of 4096 pixels a side (must be at most 2147483647"
                + " values)");
    assertThatThrownBy(() -> new MarlinArchitecture(1024, 4, 16, 2, 65536, 12, 4, 192, 4, 3))
        .hasMessage(
            "Invalid architecture: 524288 tokens of width 65536 (must be at most 2147483647"
                + " values)");
  }
}
