package dev.mien.spark.pretrain;

import dev.mien.spark.exchange.StateReduce.Reduced;
import dev.mien.spark.pretrain.replica.ReplicaReceipt;
import dev.mien.spark.pretrain.replica.RoundOrder;
import dev.mien.spark.pretrain.replica.Validated;
import dev.mien.spark.run.MetricsLog;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The figures of a round; those of replicas are means over all examples.
 *
 * @param state after the round
 * @param seconds that the round took by the driver's clock, with the outer step
 */
record RoundFigures(
    Plan plan,
    RoundState state,
    RoundOrder order,
    Reduced<ReplicaReceipt> reduced,
    double seconds) {

  /** The loss with all its terms, the adversarial one included. */
  double loss() {
    return mean(ReplicaReceipt::reconstruction)
        + plan.run().objective().adversary().weight() * mean(ReplicaReceipt::adversarial);
  }

  double clipsPerSecond() {
    return examples() / seconds;
  }

  /** Seconds per step of the executor that took longest. */
  double secondsPerStep() {
    return busiest(reduced.receipts()) / order.localSteps();
  }

  /** All figures, as a line of the {@link MetricsLog}. */
  Map<String, Object> line() {
    List<ReplicaReceipt> receipts = reduced.receipts();
    Map<String, Object> figures = begin(MetricsLog.ROUND, plan, state);
    figures.put("loss", loss());
    figures.put("reconstruction", mean(ReplicaReceipt::reconstruction));
    figures.put("adversarial", mean(ReplicaReceipt::adversarial));
    figures.put("discriminator", mean(ReplicaReceipt::discriminator));
    figures.put("gradient_norm", mean(ReplicaReceipt::gradientNorm));
    figures.put("learning_rate", plan.run().schedule().at(state.steps() - 1));
    figures.put("local_steps", order.localSteps());
    figures.put("drift", reduced.drift());
    figures.put("update_norm", reduced.update());
    figures.put("clips", examples());
    figures.put("skipped_clips", skipped(receipts));
    figures.put("clips_per_second", clipsPerSecond());
    figures.put("train_seconds", mean(ReplicaReceipt::trainSeconds));
    figures.put("wait_seconds", mean(ReplicaReceipt::waitSeconds));
    figures.put(
        "wait_share",
        mean(ReplicaReceipt::waitSeconds)
            / mean(receipt -> receipt.trainSeconds() + receipt.waitSeconds()));
    figures.put("exchange_seconds", Math.max(0, seconds - busiest(receipts)));
    return figures;
  }

  private long examples() {
    return reduced.receipts().stream().mapToLong(ReplicaReceipt::examples).sum();
  }

  private double mean(ToDoubleFunction<ReplicaReceipt> figure) {
    return reduced.receipts().stream()
            .mapToDouble(receipt -> figure.applyAsDouble(receipt) * receipt.examples())
            .sum()
        / examples();
  }

  private static long skipped(List<ReplicaReceipt> receipts) {
    return receipts.stream().mapToLong(ReplicaReceipt::skipped).sum();
  }

  /**
   * Seconds that the busiest executor worked, counting time once in which several of its replicas
   * worked.
   */
  static double busiest(List<ReplicaReceipt> receipts) {
    Collection<List<ReplicaReceipt>> executors =
        receipts.stream().collect(Collectors.groupingBy(ReplicaReceipt::executor)).values();
    return executors.stream().mapToLong(RoundFigures::atWork).max().orElse(0) * 1e-9;
  }

  /** Nanoseconds in which at least one of an executor's replicas worked. */
  private static long atWork(List<ReplicaReceipt> receipts) {
    long nanos = 0;
    long until = Long.MIN_VALUE;
    for (ReplicaReceipt receipt :
        receipts.stream().sorted(Comparator.comparing(ReplicaReceipt::began)).toList()) {
      nanos += Math.max(0, receipt.ended() - Math.max(receipt.began(), until));
      until = Math.max(until, receipt.ended());
    }
    return nanos;
  }

  /**
   * The line of a validation.
   *
   * @param state that was validated
   */
  static Map<String, Object> validation(Plan plan, RoundState state, Validated validated) {
    Map<String, Object> figures = begin(MetricsLog.VALIDATION, plan, state);
    figures.put("loss", validated.meanLoss());
    figures.put("clips", validated.clips());
    return figures;
  }

  private static Map<String, Object> begin(String kind, Plan plan, RoundState state) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("kind", kind);
    figures.put("round", state.round());
    figures.put(
        "epoch",
        (double) state.steps() * plan.run().training().totalBatch() / plan.order().epochSize());
    figures.put("step", state.steps());
    return figures;
  }
}
