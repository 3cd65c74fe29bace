package dev.mien.model.objective;

import java.util.Objects;

/**
 * What pretraining minimises.
 *
 * @param maskRatio share of the tokens hidden from the encoder, in [0,1)
 * @param adversarialWeight weight of the patch discriminator's term; 0 leaves the discriminator out
 */
public record ObjectiveOptions(MaskStrategy mask, double maskRatio, double adversarialWeight) {
  public ObjectiveOptions {
    Objects.requireNonNull(mask, "mask");
    Masks.requireRatio(maskRatio);
    if (!(adversarialWeight >= 0 && adversarialWeight < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Invalid adversarial weight: " + adversarialWeight + " (must be at least 0)");
    }
  }

  /** MARLIN's published settings. */
  public static ObjectiveOptions marlin() {
    return new ObjectiveOptions(MaskStrategy.FASKING, 0.9, 0.01);
  }
}
