package dev.mien.spark.exchange;

import java.util.Iterator;

/**
 * The example-weighted mean of one chunk over the replicas, θ = Σ n_m θ_m / Σ n_m, summed in
 * float64 in the order in which the contributions come. With one replica it is that replica's own
 * values, exactly.
 */
final class WeightedMean {

  private WeightedMean() {}

  /**
   * The mean, with the examples of all as its weight.
   *
   * @param contributions chunks, all of one length
   * @throws IllegalArgumentException when there is no example to weigh by
   */
  static Contribution.Chunk of(Iterator<Contribution> contributions) {
    double[] sum = null;
    long examples = 0;

    while (contributions.hasNext()) {
      Contribution.Chunk chunk = (Contribution.Chunk) contributions.next();
      float[] values = chunk.values();
      double weight = chunk.examples();
      if (sum == null) {
        sum = new double[values.length];
      }
      for (int i = 0; i < values.length; i++) {
        sum[i] += weight * values[i];
      }
      examples += chunk.examples();
    }

    if (sum == null || examples == 0) {
      throw new IllegalArgumentException("Cannot average: no replica trained on any example");
    }

    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / examples);
    }
    return new Contribution.Chunk(mean, examples);
  }
}
