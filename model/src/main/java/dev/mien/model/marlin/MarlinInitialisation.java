package dev.mien.model.marlin;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The reference's first parameters: Glorot's uniform for the blocks and the head (Glorot and
 * Bengio, 2010), PyTorch's uniform of one over the root of the inputs for the patch projection, the
 * projection between encoder and decoder and the discriminator, ones and zeros for the norms.
 */
public final class MarlinInitialisation {
  private static final float MASK_TOKEN_DEVIATION = 0.02f;

  private MarlinInitialisation() {}

  /** Draws the parameters; each depends only on the seed and its own name. */
  public static ParameterVector draw(MarlinArchitecture a, long seed) {
    ParameterLayout layout = a.layout();
    var values = new float[layout.size()];
    for (ParameterLayout.Parameter parameter : layout.parameters()) {
      int offset = layout.offset(parameter.name());
      fill(values, offset, parameter, inputs(layout, parameter.name()), random(seed, parameter));
    }
    return new ParameterVector(layout, values);
  }

  /**
   * Mixes the seed first: SplittableRandom's streams of related seeds are shifted copies of each
   * other.
   */
  private static SplittableRandom random(long seed, ParameterLayout.Parameter parameter) {
    long mixed = new SplittableRandom(seed).nextLong();
    return new SplittableRandom(mixed + fingerprint(parameter.name()));
  }

  /** FNV-1a, 64 bits: neighbouring names get unrelated seeds. */
  private static long fingerprint(String name) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
    }
    return hash;
  }

  private static void fill(
      float[] values,
      int offset,
      ParameterLayout.Parameter parameter,
      int inputs,
      SplittableRandom random) {
    String name = parameter.name();
    int end = offset + parameter.size();
    if (name.endsWith(".mask_token")) {
      for (int i = offset; i < end; i++) {
        values[i] = truncatedGaussian(random) * MASK_TOKEN_DEVIATION;
      }
    } else if (name.contains(".norm")) {
      Arrays.fill(values, offset, end, name.endsWith(".weight") ? 1 : 0);
    } else if (isPlain(name)) {
      uniform(values, offset, end, 1 / Math.sqrt(inputs), random);
    } else if (name.endsWith(".weight")) {
      int outputs = parameter.size() / inputs;
      uniform(values, offset, end, Math.sqrt(6.0 / (inputs + outputs)), random);
    }
  }

  /** The layers that the reference leaves as PyTorch makes them. */
  private static boolean isPlain(String name) {
    return name.startsWith("encoder.patch_embedding.")
        || name.startsWith("enc_dec_proj.")
        || name.startsWith("discriminator.");
  }

  /** The number of inputs of the layer that a weight or bias belongs to. */
  private static int inputs(ParameterLayout layout, String name) {
    String weight = name.replaceFirst("\\.bias$", ".weight");
    return layout.parameters().stream()
        .filter(parameter -> parameter.name().equals(weight))
        .findFirst()
        .map(parameter -> parameter.size() / parameter.shape().get(0))
        .orElse(1);
  }

  private static void uniform(
      float[] values, int from, int to, double bound, SplittableRandom random) {
    for (int i = from; i < to; i++) {
      values[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
  }

  /** A standard normal number in [-1,1], by rejection. */
  private static float truncatedGaussian(SplittableRandom random) {
    double value = random.nextGaussian();
    while (Math.abs(value) > 1) {
      value = random.nextGaussian();
    }
    return (float) value;
  }
}
