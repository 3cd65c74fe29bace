package dev.mien.spark.pretrain;

import dev.mien.spark.exchange.StateChunks;
import java.util.Optional;

/**
 * DiLoCo's outer step (Douillard et al., 2023), stochastic gradient descent with Nesterov's
 * momentum on the pseudo-gradient Δ = θ - mean(θ_m), which points away from where the replicas
 * went:
 *
 * <pre>
 * v ← μ v + Δ
 * θ ← θ - η (Δ + μ v)
 * </pre>
 *
 * @param vectors the mean with its parameters replaced by the stepped ones
 * @param momentum v
 */
record OuterStep(StateChunks vectors, StateChunks momentum) {

  /**
   * Takes a step from a round's start towards the replicas' mean.
   *
   * @param start the state that the round started from; like {@code mean}, its parameters come
   *     first
   * @param momentum v; empty means zero
   * @param rate η
   * @param decay μ
   */
  static OuterStep nesterov(
      StateChunks start,
      StateChunks mean,
      Optional<StateChunks> momentum,
      double rate,
      double decay) {
    StateChunks velocity =
        momentum
            .map(
                last ->
                    mean.combineFirst(
                        start, last, (to, from, v) -> (float) (decay * v + ((double) from - to))))
            .orElseGet(
                () ->
                    mean.combineFirst(start, start, (to, from, v) -> (float) ((double) from - to)));
    StateChunks stepped =
        mean.combineFirst(
            start,
            velocity,
            (to, from, v) -> (float) (from - rate * ((double) from - to + decay * v)));
    return new OuterStep(mean.withFirst(stepped), velocity);
  }
}
