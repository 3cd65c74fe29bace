package dev.mien.spark.pretrain;

import dev.mien.spark.run.MetricsLog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The figures of rounds and validations, as lines of the {@link MetricsLog}. */
final class RoundFigures {

  private RoundFigures() {}

  /**
   * The line of a round.
   *
   * @param round rounds finished, this one included
   * @param seconds that the round took, by the driver's clock
   */
  static Map<String, Object> round(
      Plan plan, long round, List<ReplicaReceipt> receipts, double seconds) {
    double examples = receipts.stream().mapToLong(ReplicaReceipt::examples).sum();
    ToDoubleFunction<ToDoubleFunction<ReplicaReceipt>> mean =
        figure ->
            receipts.stream()
                    .mapToDouble(receipt -> figure.applyAsDouble(receipt) * receipt.examples())
                    .sum()
                / examples;
    double reconstruction = mean.applyAsDouble(ReplicaReceipt::reconstruction);
    double adversarial = mean.applyAsDouble(ReplicaReceipt::adversarial);
    double slowest =
        receipts.stream()
            .mapToDouble(receipt -> receipt.trainSeconds() + receipt.waitSeconds())
            .max()
            .orElse(0);

    Map<String, Object> figures = begin(MetricsLog.ROUND, plan, round);
    figures.put("loss", reconstruction + plan.run().objective().adversary().weight() * adversarial);
    figures.put("reconstruction", reconstruction);
    figures.put("adversarial", adversarial);
    figures.put("discriminator", mean.applyAsDouble(ReplicaReceipt::discriminator));
    figures.put("gradient_norm", mean.applyAsDouble(ReplicaReceipt::gradientNorm));
    figures.put(
        "learning_rate", plan.run().schedule().at(round * plan.run().training().localSteps() - 1));
    figures.put("clips", (long) examples);
    figures.put("clips_per_second", examples / seconds);
    figures.put("train_seconds", mean.applyAsDouble(ReplicaReceipt::trainSeconds));
    figures.put("wait_seconds", mean.applyAsDouble(ReplicaReceipt::waitSeconds));
    figures.put(
        "wait_share",
        mean.applyAsDouble(ReplicaReceipt::waitSeconds)
            / mean.applyAsDouble(receipt -> receipt.trainSeconds() + receipt.waitSeconds()));
    figures.put("exchange_seconds", Math.max(0, seconds - slowest));
    return figures;
  }

  /**
   * The line of a validation.
   *
   * @param round rounds finished
   */
  static Map<String, Object> validation(Plan plan, long round, double loss) {
    Map<String, Object> figures = begin(MetricsLog.VALIDATION, plan, round);
    figures.put("loss", loss);
    figures.put("clips", plan.validation().size());
    return figures;
  }

  private static Map<String, Object> begin(String kind, Plan plan, long round) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("kind", kind);
    figures.put("round", round);
    figures.put(
        "epoch", (double) round * plan.run().training().roundSamples() / plan.order().epochSize());
    figures.put("step", round * plan.run().training().localSteps());
    return figures;
  }
}
