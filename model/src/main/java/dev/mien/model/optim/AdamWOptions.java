package dev.mien.model.optim;

import static dev.mien.model.Bounds.requireAtLeastZero;
import static dev.mien.model.Bounds.requireFraction;

import java.util.Objects;

/**
 * AdamW (Loshchilov and Hutter, 2019).
 *
 * @param learningRate peak, per 256 clips of the total batch
 * @param minimumLearningRate floor of the cosine, per 256 clips
 * @param epsilon added to the denominator; with 0, a parameter whose gradients are all 0 would
 *     become NaN
 * @param gradientClip largest gradient norm, of the generator and of the discriminator separately;
 *     0 = never clipped
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
    requireDivisor("epsilon", epsilon);
    requireAtLeastZero("weight decay", weightDecay);
    Objects.requireNonNull(decayScope, "decayScope");
  }

  /** MARLIN's published settings. */
  public static AdamWOptions marlin() {
    return new AdamWOptions(1.5e-4, 1e-5, 0.9, 0.95, 1e-8, 0, 0, DecayScope.WEIGHTS);
  }

  private static void requireDivisor(String what, double value) {
    if (!((float) value > 0 && (float) value < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Invalid " + what + ": " + value + " (must be above 0, in float32 too)");
    }
  }
}
