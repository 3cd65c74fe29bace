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
    float[] start = new float[PIECE];
    float[] values = new float[PIECE];
    double[] sum = new double[PIECE];
    double squares = 0;
    double update = 0;
    for (int from = 0; from < length; from += PIECE) {
      int count = Math.min(PIECE, length - from);
      int counted = Math.max(0, Math.min(count, measured - from));
      if (counted > 0) {
        base.get(from, start, 0, counted);
      }
      Arrays.fill(sum, 0);
      for (int replica = 0; replica < replicas.size(); replica++) {
        long weight = weights.get(replica);
        replicas.get(replica).get(from, values, 0, count);
        add(sum, values, weight, count);
        squares += weight * squaredDistance(values, start, counted);
      }
      for (int i = 0; i < count; i++) {
        values[i] = (float) (sum[i] / examples);
      }
      update += squaredDistance(values, start, counted);
      means.put(from, values, 0, count);
    }
    return Optional.of(new Result(bytes, Math.max(0, squares / examples - update), update));
  }

  private static void add(double[] sum, float[] values, long weight, int count) {
    for (int i = 0; i < count; i++) {
      sum[i] += (double) weight * values[i];
    }
  }

  /** In four sums, none of which waits for another's last addition. */
  private static double squaredDistance(float[] one, float[] other, int count) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int i = 0;
    for (; i + 3 < count; i += 4) {
      first += square((double) one[i] - other[i]);
      second += square((double) one[i + 1] - other[i + 1]);
      third += square((double) one[i + 2] - other[i + 2]);
      fourth += square((double) one[i + 3] - other[i + 3]);
    }
    for (; i < count; i++) {
      first += square((double) one[i] - other[i]);
    }
    return first + second + (third + fourth);
  }

  private static double square(double value) {
    return value * value;
  }
}
