package dev.mien.spark.config;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.objective.ReconstructionTarget;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.model.optim.SgdOptions;
import dev.mien.spark.exchange.Encoding;
import java.time.Duration;

/**
 * Reads the sections that define a training: {@code model}, {@code objective}, {@code optimiser},
 * {@code training} and {@code averaging}.
 */
final class TrainingSections {

  private static final Duration LONGEST = Duration.ofDays(365);

  private TrainingSections() {}

  static MarlinArchitecture model(Section section) {
    Section encoder = section.section("encoder");
    Section decoder = section.section("decoder");
    return section.build(
        () ->
            new MarlinArchitecture(
                section.integer("image", 1, 4096),
                section.integer("patch", 1, 4096),
                section.integer("frames", 1, 4096),
                section.integer("tubelet", 1, 4096),
                encoder.integer("width", 1, 1 << 16),
                encoder.integer("depth", 1, 1 << 10),
                encoder.integer("heads", 1, 1 << 10),
                decoder.integer("width", 1, 1 << 16),
                decoder.integer("depth", 1, 1 << 10),
                decoder.integer("heads", 1, 1 << 10)));
  }

  static ObjectiveOptions objective(Section section) {
    return section.build(
        () ->
            new ObjectiveOptions(
                section.choice("mask", MaskStrategy.class),
                section.number("mask-ratio", 0, 1),
                section.number("decoder-mask-ratio", 0, 1),
                section.choice("target", ReconstructionTarget.class),
                new ObjectiveOptions.Adversary(
                    section.number("adversarial-weight", 0, 1e6),
                    section.integer("discriminator-steps", 1, 1000),
                    section.integer("generator-steps", 1, 1000),
                    section.number("gradient-penalty", 0, 1e6))));
  }

  static OptimiserOptions optimiser(Section section) {
    return switch (section.choice("kind", OptimiserKind.class)) {
      case ADAMW ->
          section.build(
              () ->
                  new AdamWOptions(
                      section.number("learning-rate", 0, 1e3),
                      section.number("minimum-learning-rate", 0, 1e3),
                      section.number("beta1", 0, 1),
                      section.number("beta2", 0, 1),
                      section.number("epsilon", 0, 1),
                      section.number("weight-decay", 0, 1e3),
                      section.number("gradient-clip", 0, 1e6),
                      section.choice("decay-scope", DecayScope.class)));
      case SGD ->
          section.build(
              () ->
                  new SgdOptions(
                      section.number("learning-rate", 0, 1e3),
                      section.number("minimum-learning-rate", 0, 1e3),
                      section.number("gradient-clip", 0, 1e6)));
    };
  }

  static TrainingOptions training(Section section) {
    ComputeDevice device = section.choice("device", ComputeDevice.class);
    return new TrainingOptions(
        section.longInteger("seed"),
        section.text("subset"),
        section.integer("epochs", 1, 1 << 24),
        section.integer("batch-size", 1, 1 << 16),
        section.integer("replicas", 1, 1 << 16),
        section.integer("local-steps", 1, 1 << 20),
        section.integer("stride", 1, 64),
        reading(section),
        validation(section),
        section.duration("task-limit", Duration.ZERO, LONGEST),
        section.integer("micro-batch", 0, 1 << 16),
        augmentation(section.section("augmentation")),
        section.choice("precision", PrecisionChoice.class).on(device),
        device);
  }

  private static ReadingOptions reading(Section section) {
    return new ReadingOptions(
        section.integer("windows-per-clip", 1, 1 << 10),
        section.integer("shuffle-row-groups", 1, 1 << 20),
        section.bytes("cache-size", 0),
        section.choice("unreadable-shards", UnreadableShards.class));
  }

  private static ValidationOptions validation(Section section) {
    return new ValidationOptions(
        section.choice("validation-unit", ValidationUnit.class),
        section.number("validation-fraction", 0, 0.99),
        section.integer("validation-clips", 0, 1 << 20),
        section.integer("validation-pictures", 0, 64),
        section.integer("validate-every", 1, 1 << 20));
  }

  private static AugmentationOptions augmentation(Section section) {
    return section.build(
        () -> new AugmentationOptions(section.number("flip", 0, 1), section.number("crop", 0, 1)),
        AugmentationOptions.none());
  }

  static AveragingOptions averaging(Section section) {
    Section outer = section.section("outer");
    return section.build(
        () ->
            new AveragingOptions(
                section.integer("synchronous-steps", 0, 1 << 30),
                section.duration("round-time", Duration.ZERO, LONGEST),
                section.choice("inner-state", InnerState.class),
                outer.choice("kind", OuterOptimiser.class),
                outer.number("learning-rate", 0, 10),
                outer.number("momentum", 0, 0.9999),
                section.choice("exchange", Encoding.class)));
  }

  static CheckpointOptions checkpoints(Section section) {
    return new CheckpointOptions(
        section.integer("checkpoint-every", 1, 1 << 20),
        section.duration("checkpoint-interval", Duration.ZERO, LONGEST),
        section.integer("checkpoints-kept", 1, 1 << 20),
        section.integer("checkpoints-kept-every", 0, 1 << 20),
        section.duration("retry-time", Duration.ZERO, LONGEST));
  }
}
