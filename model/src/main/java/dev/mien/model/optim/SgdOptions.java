package dev.mien.model.optim;

/**
 * Plain stochastic gradient descent, {@code θ ← θ - rate · gradient}: no momentum and no decay, so
 * that averaging after every step equals one step on the union of the batches.
 *
 * @param learningRate peak, per 256 clips of the total batch
 * @param minimumLearningRate floor of the cosine, per 256 clips
 * @param gradientClip largest gradient norm, of the generator and of the discriminator separately;
 *     0 = never clipped
 */
public record SgdOptions(double learningRate, double minimumLearningRate, double gradientClip)
    implements OptimiserOptions {
  public SgdOptions {
    OptimiserOptions.requireRates(learningRate, minimumLearningRate, gradientClip);
  }
}
