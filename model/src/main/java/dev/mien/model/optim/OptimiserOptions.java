package dev.mien.model.optim;

import static dev.mien.model.Bounds.requireAtLeastZero;

/** An optimiser and its settings. */
public sealed interface OptimiserOptions permits AdamWOptions, SgdOptions {

  /** Peak learning rate, per 256 clips of the total batch. */
  double learningRate();

  /** Floor of the cosine, per 256 clips. */
  double minimumLearningRate();

  /** Largest global gradient norm; 0 = never clipped. */
  double gradientClip();

  /** Checks the settings that all optimisers have. */
  static void requireRates(double learningRate, double minimumLearningRate, double gradientClip) {
    requireAtLeastZero("learning rate", learningRate);
    requireAtLeastZero("minimum learning rate", minimumLearningRate);
    requireAtLeastZero("gradient clip", gradientClip);
    if (minimumLearningRate > learningRate) {
      throw new IllegalArgumentException(
          "Invalid minimum learning rate: %s (must not exceed the learning rate, %s)"
              .formatted(minimumLearningRate, learningRate));
    }
  }
}
