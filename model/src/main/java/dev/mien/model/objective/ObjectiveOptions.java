package dev.mien.model.objective;

import static dev.mien.model.Bounds.requireAtLeastZero;
import static dev.mien.model.Bounds.requireFraction;
import static dev.mien.model.Bounds.requirePositive;

import dev.mien.model.marlin.MarlinArchitecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What pretraining minimises.
 *
 * @param maskRatio share of the tokens that are masked, in [0,1)
 * @param decoderMaskRatio share of the masked tokens that are not reconstructed either, in [0,1); 0
 *     reconstructs all
 */
public record ObjectiveOptions(
    MaskStrategy mask,
    double maskRatio,
    double decoderMaskRatio,
    ReconstructionTarget target,
    Adversary adversary) {

  /**
   * The patch discriminator. Each optimiser step takes {@code discriminatorSteps} of the
   * discriminator and then {@code generatorSteps} of the generator, all on the same batch.
   *
   * @param weight of the adversarial term in the generator's loss; 0 leaves the discriminator out
   * @param gradientPenalty weight of the mean squared distance of the discriminator's slopes from
   *     1, between real and predicted patches (Gulrajani et al., 2017); 0 leaves it out
   */
  public record Adversary(
      double weight, int discriminatorSteps, int generatorSteps, double gradientPenalty) {
    public Adversary {
      requireAtLeastZero("adversarial weight", weight);
      requireAtLeastZero("gradient penalty", gradientPenalty);
      requirePositive("discriminator steps", discriminatorSteps);
      requirePositive("generator steps", generatorSteps);
    }

    /** One step of each network, without a penalty, as in MARLIN's published settings. */
    public static Adversary of(double weight) {
      return new Adversary(weight, 1, 1, 0);
    }
  }

  public ObjectiveOptions {
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(adversary, "adversary");
    requireFraction("mask ratio", maskRatio);
    requireFraction("decoder mask ratio", decoderMaskRatio);
  }

  /** MARLIN's settings with another mask or another weight of the discriminator. */
  public ObjectiveOptions(MaskStrategy mask, double maskRatio, double adversarialWeight) {
    this(mask, maskRatio, 0, ReconstructionTarget.PIXELS, Adversary.of(adversarialWeight));
  }

  /** MARLIN's published settings. */
  public static ObjectiveOptions marlin() {
    return new ObjectiveOptions(MaskStrategy.FASKING, 0.9, 0.01);
  }

  /** VideoMAE's settings: tubes, no discriminator, normalised pixels. */
  public static ObjectiveOptions videomae() {
    return new ObjectiveOptions(
        MaskStrategy.WHOLE_TUBE, 0.9, 0, ReconstructionTarget.NORMALISED_PIXELS, Adversary.of(0));
  }

  /** Everything that prevents masks for a network from being drawn, or trained on. */
  public List<String> problems(MarlinArchitecture a) {
    List<String> problems = new ArrayList<>();
    int visible = Masks.count(mask, a, maskRatio);
    if (visible == 0 || visible == a.tokens()) {
      problems.add(
          "Invalid mask ratio: %s (must hide some of a clip's %d tokens, and not all)"
              .formatted(maskRatio, a.tokens()));
    }
    if (mask.readsRegions()) {
      Masks.regionProblem(a).ifPresent(problems::add);
    }
    return problems;
  }
}
