package dev.mien.model.optim;

import java.util.Objects;

/**
 * AdamW (Loshchilov and Hutter, 2019).
 *
 * @param learningRate peak, per 256 clips of the total batch
 * @param minimumLearningRate floor of the cosine, per 256 clips
 * @param gradientClip largest global gradient norm; 0 = never clipped
 */
public record AdamWOptions(
    double learningRate,
    double minimumLearningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double gradientClip,
    DecayScope decayScope)
    implements OptimiserOptions {
  public AdamWOptions {
    OptimiserOptions.requireRates(learningRate, minimumLearningRate, gradientClip);
    requireFraction("beta1", beta1);
    requireFraction("beta2", beta2);
    OptimiserOptions.requireAtLeastZero("epsilon", epsilon);
    OptimiserOptions.requireAtLeastZero("weight decay", weightDecay);
    Objects.requireNonNull(decayScope, "decayScope");
  }

  /** MARLIN's published settings. */
  public static AdamWOptions marlin() {
    return new AdamWOptions(1.5e-4, 1e-5, 0.9, 0.95, 1e-8, 0, 0, DecayScope.WEIGHTS);
  }

  private static void requireFraction(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException("Invalid " + what + ": " + value + " (must be in [0,1))");
    }
  }
}
