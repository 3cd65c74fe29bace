package dev.mien.spark.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Shares of variance explained, R², with 95 % intervals by resampling {@link Groups}: the windows
 * of a group are alike, so groups are drawn and not windows.
 */
final class Bootstrap {

  private static final double TAIL = 0.025;

  private final List<int[]> samples; // rows of each sample, whose groups are drawn with replacement
  private final int[] all;

  /**
   * Draws the samples, which are the same for everything that is compared.
   *
   * @param groups of the rows
   */
  Bootstrap(List<String> groups, int resamples, long seed) {
    Map<String, List<Integer>> rows = new TreeMap<>();
    for (int row = 0; row < groups.size(); row++) {
      rows.computeIfAbsent(groups.get(row), group -> new ArrayList<>()).add(row);
    }
    List<List<Integer>> byGroup = List.copyOf(rows.values());
    SplittableRandom random = new SplittableRandom(seed);
    samples = new ArrayList<>(resamples);
    for (int i = 0; i < resamples; i++) {
      samples.add(
          IntStream.range(0, byGroup.size())
              .mapToObj(draw -> byGroup.get(random.nextInt(byGroup.size())))
              .flatMap(List::stream)
              .mapToInt(Integer::intValue)
              .toArray());
    }
    all = IntStream.range(0, groups.size()).toArray();
  }

  /** The value over all rows, and the interval over the samples. */
  record Estimate(double value, double low, double high) {}

  /** R²: 1 minus the ratio of the squared errors to those of the mean of the actual values. */
  Estimate explained(double[] predicted, double... actual) {
    return estimate(rows -> explained(rows, predicted, actual));
  }

  /** How much more the first prediction explains than the second. */
  Estimate difference(double[] first, double[] second, double... actual) {
    return estimate(rows -> explained(rows, first, actual) - explained(rows, second, actual));
  }

  @FunctionalInterface
  private interface Figure {
    double of(int... rows);
  }

  private Estimate estimate(Figure figure) {
    double[] drawn =
        samples.stream().mapToDouble(figure::of).filter(Double::isFinite).sorted().toArray();
    return new Estimate(figure.of(all), quantile(drawn, TAIL), quantile(drawn, 1 - TAIL));
  }

  private static double quantile(double[] sorted, double share) {
    return sorted.length == 0 ? Double.NaN : sorted[(int) Math.round(share * (sorted.length - 1))];
  }

  private static double explained(int[] rows, double[] predicted, double... actual) {
    double mean = Arrays.stream(rows).mapToDouble(row -> actual[row]).average().orElse(0);
    double errors = 0;
    double variance = 0;
    for (int row : rows) {
      errors += (predicted[row] - actual[row]) * (predicted[row] - actual[row]);
      variance += (actual[row] - mean) * (actual[row] - mean);
    }
    return 1 - errors / variance;
  }
}
