package dev.mien.model.marlin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import java.util.Arrays;
import org.testng.annotations.Test;

public class MarlinInitialisationTest {
  private static final MarlinArchitecture A =
      new MarlinArchitecture(32, 8, 4, 2, 96, 2, 3, 48, 2, 2);
  private static final ParameterVector DRAWN = MarlinInitialisation.draw(A, 17);

  @Test
  public void everyParameterHasTheReferencesSpread() {
    assertUniform("encoder.blocks.1.attn.qkv.weight", Math.sqrt(6.0 / (96 + 288)));
    assertUniform("decoder.head.weight", Math.sqrt(6.0 / (48 + 384)));
    assertUniform("encoder.patch_embedding.projection.weight", 1 / Math.sqrt(384));
    assertUniform("enc_dec_proj.weight", 1 / Math.sqrt(96));
    assertUniform("discriminator.layers.0.linear.weight", 1 / Math.sqrt(384));
    assertUniform("discriminator.layers.0.linear.bias", 1 / Math.sqrt(384));
    assertThat(values("encoder.blocks.0.norm1.weight")).containsOnly(1);
    assertThat(values("encoder.norm.bias")).containsOnly(0);
    assertThat(values("decoder.blocks.0.attn.q_bias")).containsOnly(0);
    assertThat(values("decoder.head.bias")).containsOnly(0);
    float[] token = values("decoder.mask_token");
    for (float value : token) {
      assertThat(value).isBetween(-0.02f, 0.02f).isNotZero();
    }
  }

  @Test
  public void followsFromTheSeedAlone() {
    assertThat(MarlinInitialisation.draw(A, 17)).isEqualTo(DRAWN);
    assertThat(MarlinInitialisation.draw(A, 18)).isNotEqualTo(DRAWN);
    assertThat(values("encoder.blocks.0.attn.proj.weight"))
        .isNotEqualTo(values("encoder.blocks.1.attn.proj.weight"));
  }

  @Test
  public void neighbouringSeedsAreUnrelated() {
    String name = "encoder.patch_embedding.projection.weight";
    float[] values = values(DRAWN, name);
    for (long seed : new long[] {16, 18}) {
      float[] others = values(MarlinInitialisation.draw(A, seed), name);
      for (int lag = 0; lag <= 2; lag++) {
        assertThat(correlation(values, others, lag))
            .as("correlation of %s, seeds 17 and %d, lag %d", name, seed, lag)
            .isCloseTo(0, within(0.05));
        assertThat(correlation(others, values, lag))
            .as("correlation of %s, seeds %d and 17, lag %d", name, seed, lag)
            .isCloseTo(0, within(0.05));
      }
    }
  }

  /** Of values with a mean of zero, the second shifted by the lag. */
  private static double correlation(float[] first, float[] second, int lag) {
    double product = 0;
    double squares = 0;
    for (int i = lag; i < first.length; i++) {
      product += first[i - lag] * second[i];
      squares += (first[i - lag] * first[i - lag] + second[i] * second[i]) / 2;
    }
    return product / squares;
  }

  private static void assertUniform(String name, double bound) {
    float[] values = values(name);
    double largest = 0;
    double mean = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
      mean += value / values.length;
    }
    assertThat(largest).as("largest of %s, seed 17", name).isBetween(0.95 * bound, bound);
    assertThat(mean).as("mean of %s, seed 17", name).isCloseTo(0, within(bound / 5));
  }

  private static float[] values(String name) {
    return values(DRAWN, name);
  }

  private static float[] values(ParameterVector drawn, String name) {
    ParameterLayout.Parameter parameter =
        A.layout().parameters().stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow();
    int offset = A.layout().offset(name);
    return Arrays.copyOfRange(drawn.values(), offset, offset + parameter.size());
  }
}
