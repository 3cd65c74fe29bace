package dev.mien.model.marlin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mien.model.Reference;
import dev.mien.model.parameters.Safetensors;
import dev.mien.model.parameters.Tensor;
import java.util.TreeMap;
import org.testng.annotations.Test;

public class MarlinStateDictTest {
  private static final Safetensors FILE = Reference.tiny();
  private static final MarlinArchitecture TINY = Reference.architecture(FILE);

  @Test
  public void holdsTheReferencesTensorsAndNoOthers() {
    var expected = new TreeMap<String, Tensor>();
    FILE.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith("weights.")) {
                expected.put(name.substring("weights.".length()), tensor);
              }
            });
    var actual = new TreeMap<>(MarlinStateDict.generator(TINY, Reference.weights(FILE)));
    assertThat(actual.keySet()).noneMatch(name -> name.startsWith("discriminator."));
    actual.putAll(MarlinStateDict.discriminator(TINY, Reference.weights(FILE)));
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, tensor) -> {
          assertThat(actual.get(name).shape()).as(name).isEqualTo(tensor.shape());
          // the tables are computed on both sides, the parameters are copies
          float tolerance = name.endsWith("pos_embedding.emb") ? 2e-6f : 0;
          assertThat(actual.get(name).floats())
              .as(name)
              .containsExactly(tensor.floats(), within(tolerance));
        });
  }
}
