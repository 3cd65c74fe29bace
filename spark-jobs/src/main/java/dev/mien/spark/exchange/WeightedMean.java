package dev.mien.spark.exchange;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The example-weighted mean of one chunk over the replicas, θ = Σ n_m θ_m / Σ n_m, summed in
 * float64 in the order in which the contributions come. With one replica it is that replica's own
 * values, exactly.
 */
final class WeightedMean {

  /** Values of all replicas that are summed at a time, few enough for a processor's cache. */
  private static final int PIECE = 1 << 12;

  /** Lanes of a processor's vector registers; that few sums are added one by one. */
  private static final int LANES = 8;

  private final FloatBuffer base;
  private final int measured;
  private final List<FloatBuffer> replicas = new ArrayList<>();
  private final List<Long> weights = new ArrayList<>();

  /**
   * A mean of nothing yet.
   *
   * @param base the values that all replicas started from, at least the measured ones
   * @param measured how many values, from the first on, count for spread and update
   */
  WeightedMean(FloatBuffer base, int measured) {
    this.base = base;
    this.measured = measured;
  }

  /**
   * Adds a replica's values. All replicas have the same number of values, which are read only in
   * {@link #result}.
   */
  void add(FloatBuffer values, long examples) {
    replicas.add(values);
    weights.add(examples);
  }

  /**
   * The weighted mean of all that was added.
   *
   * @param bytes the values, little-endian
   * @param spread weighted mean of the replicas' squared distances from the mean
   * @param update squared distance of the mean from the base
   */
  record Result(ByteBuffer bytes, double spread, double update) {}

  /**
   * The mean of all that was added; empty when nothing was.
   *
   * @throws IllegalArgumentException when all weights are zero
   */
  Optional<Result> result() {
    if (replicas.isEmpty()) {
      return Optional.empty();
    }
    long examples = weights.stream().mapToLong(Long::longValue).sum();
    if (examples == 0) {
      throw new IllegalArgumentException("Cannot average: no replica trained on any example");
    }

    int length = replicas.get(0).limit();
    ByteBuffer bytes = ByteBuffer.allocate(length * Float.BYTES);
    FloatBuffer means = StateChunks.floats(bytes);
    double share = 1.0 / examples;
    float[] start = new float[PIECE];
    float[] values = new float[PIECE];
    float[] mean = new float[PIECE];
    double[] sum = new double[PIECE];
    double spread = 0;
    double update = 0;
    for (int from = 0; from < length; from += PIECE) {
      int count = Math.min(PIECE, length - from);
      Arrays.fill(sum, 0, count, 0);
      for (int replica = 0; replica < replicas.size(); replica++) {
        replicas.get(replica).get(from, values, 0, count);
        add(sum, values, weights.get(replica), count);
      }
      for (int i = 0; i < count; i++) {
        mean[i] = (float) (sum[i] * share);
      }
      means.put(from, mean, 0, count);

      int counted = Math.max(0, Math.min(count, measured - from));
      if (counted > 0) {
        for (int replica = 0; replica < replicas.size(); replica++) {
          replicas.get(replica).get(from, values, 0, counted);
          spread += weights.get(replica) * share * squaredDistance(values, mean, counted);
        }
        base.get(from, start, 0, counted);
        update += squaredDistance(start, mean, counted);
      }
    }
    return Optional.of(new Result(bytes, spread, update));
  }

  private static void add(double[] sum, float[] values, long weight, int count) {
    for (int i = 0; i < count; i++) {
      sum[i] += (double) weight * values[i];
    }
  }

  /**
   * Squared distance in float32, summed pairwise by halves until few values are left. Java compiles
   * these loops to vector instructions, which it does not do for a running sum or a conversion to
   * double. Overwrites {@code one}.
   */
  private static double squaredDistance(float[] one, float[] other, int count) {
    for (int i = 0; i < count; i++) {
      float difference = one[i] - other[i];
      one[i] = difference * difference;
    }
    int left = count;
    while (left > LANES) {
      int half = left / 2;
      left -= half;
      for (int i = 0; i < half; i++) {
        one[i] += one[left + i];
      }
    }
    double sum = 0;
    for (int i = 0; i < left; i++) {
      sum += one[i];
    }
    return sum;
  }
}
