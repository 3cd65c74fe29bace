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

  /** Values that are summed at once over all replicas, few enough for a processor's cache. */
  private static final int PIECE = 1 << 12;

  /** Of a processor's vectors; fewer sums are added one by one. */
  private static final int LANES = 8;

  private final FloatBuffer base;
  private final int measured;
  private final List<FloatBuffer> replicas = new ArrayList<>();
  private final List<Long> weights = new ArrayList<>();

  /**
   * A mean of nothing yet.
   *
   * @param base where all of them started, at least as far as it is measured
   * @param measured values from the first on that count for spread and update
   */
  WeightedMean(FloatBuffer base, int measured) {
    this.base = base;
    this.measured = measured;
  }

  /** All that are added have one length, and are only read in {@link #result}. */
  void add(FloatBuffer values, long examples) {
    replicas.add(values);
    weights.add(examples);
  }

  /**
   * What was added, averaged.
   *
   * @param bytes of the values, little-endian
   * @param spread weighted mean of the squared distances from the mean
   * @param update its squared distance from the base
   */
  record Result(ByteBuffer bytes, double spread, double update) {}

  /**
   * The mean of all that was added; none when that is nothing.
   *
   * @throws IllegalArgumentException when there is no example to weigh by
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
   * In float32, half added to half until few are left: loops that Java turns into the processor's
   * vectors, which sums one by one and conversions it does not. What was in {@code one} is lost.
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
