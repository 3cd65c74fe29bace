package dev.mien.model.train;

/**
 * What one batch cost, each network before its first step on it.
 *
 * @param reconstruction mean squared error over the tokens asked for, of pixels in [0,1] or
 *     normalised ones
 * @param adversarial the generator's term, {@code -mean D(prediction)}, unweighted, of the
 *     discriminator after its steps; 0 without one
 * @param discriminator {@code mean D(prediction) - mean D(target)}; 0 without a discriminator
 * @param gradientNorm the generator's, before clipping; 0 when evaluated; of a step that was not
 *     taken, the norm that was not finite, perhaps the discriminator's
 */
public record StepLoss(
    double reconstruction, double adversarial, double discriminator, double gradientNorm) {}
