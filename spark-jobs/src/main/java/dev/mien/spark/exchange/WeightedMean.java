package dev.mien.spark.exchange;

import dev.mien.spark.exchange.Contribution.Delta;
import dev.mien.spark.exchange.Contribution.Mean;
import java.util.Optional;

/**
 * The example-weighted mean of one chunk over the replicas, θ = Σ n_m θ_m / Σ n_m, summed in
 * float64 in the order in which the contributions come. With one replica it is that replica's own
 * values, exactly.
 */
final class WeightedMean {

  private final float[] base;
  private final int measured;
  private double[] sum;
  private double squares;
  private long examples;

  /**
   * A mean of nothing yet.
   *
   * @param base where all of them started, at least as far as it is measured and deltas go
   * @param measured values from the first on that count for spread and update
   */
  WeightedMean(float[] base, int measured) {
    this.base = base;
    this.measured = measured;
  }

  void add(Delta delta) {
    float[] values = DeltaEncoder.decode(delta.encoding(), delta.bytes(), delta.length());
    for (int i = 0; i < values.length; i++) {
      values[i] += base[i];
    }
    add(values, delta.examples());
  }

  /** All that are added have one length. */
  void add(float[] values, long weight) {
    if (sum == null) {
      sum = new double[values.length];
    }
    for (int i = 0; i < values.length; i++) {
      sum[i] += (double) weight * values[i];
    }
    squares += weight * squaredDistance(values);
    examples += weight;
  }

  /** In four sums, none of which waits for another's last addition. */
  private double squaredDistance(float[] values) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int i = 0;
    for (; i + 3 < measured; i += 4) {
      first += square((double) values[i] - base[i]);
      second += square((double) values[i + 1] - base[i + 1]);
      third += square((double) values[i + 2] - base[i + 2]);
      fourth += square((double) values[i + 3] - base[i + 3]);
    }
    for (; i < measured; i++) {
      first += square((double) values[i] - base[i]);
    }
    return first + second + (third + fourth);
  }

  private static double square(double value) {
    return value * value;
  }

  /**
   * The mean of all that was added; none when that is nothing.
   *
   * @throws IllegalArgumentException when there is no example to weigh by
   */
  Optional<Mean> result() {
    if (sum == null) {
      return Optional.empty();
    }
    if (examples == 0) {
      throw new IllegalArgumentException("Cannot average: no replica trained on any example");
    }

    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / examples);
    }
    double update = squaredDistance(mean);
    return Optional.of(new Mean(mean, Math.max(0, squares / examples - update), update));
  }
}
