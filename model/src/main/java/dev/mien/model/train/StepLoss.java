package dev.mien.model.train;

/**
 * The losses of one batch, each network's before its first step on it.
 *
 * @param reconstruction mean squared error over the reconstructed tokens, of pixels in [0,1] or of
 *     normalised ones
 * @param adversarial the generator's term, {@code -mean D(prediction)}, unweighted, with the
 *     discriminator after its steps; 0 without a discriminator
 * @param discriminator {@code mean D(prediction) - mean D(target)}; 0 without a discriminator
 * @param gradientNorm the generator's, before clipping; 0 when evaluated; of a step that was not
 *     taken, the norm that was not finite, which may be the discriminator's
 */
public record StepLoss(
    double reconstruction, double adversarial, double discriminator, double gradientNorm) {}
