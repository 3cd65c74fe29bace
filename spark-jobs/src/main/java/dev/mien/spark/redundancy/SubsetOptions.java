package dev.mien.spark.redundancy;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Options of a subset.
 *
 * @param threshold bits by which two near-duplicates may differ, see {@link Grouping}
 * @param keepFraction share of the clips to keep, in (0,1]; 0 keeps one of each group
 * @param seed decides the order of people and of videos
 */
public record SubsetOptions(int threshold, double keepFraction, long seed) {

  public SubsetOptions {
    Thresholds.check(threshold);
    if (!(keepFraction >= 0 && keepFraction <= 1)) {
      throw invalid(keepFraction);
    }
  }

  /** Keeps one clip of each group. */
  public static SubsetOptions oneOfEachGroup(int threshold, long seed) {
    return new SubsetOptions(threshold, 0, seed);
  }

  /**
   * Keeps a share of the clips.
   *
   * @throws IllegalArgumentException unless it is in (0,1]
   */
  public static SubsetOptions share(int threshold, double keepFraction, long seed) {
    if (keepFraction == 0) {
      throw invalid(keepFraction);
    }
    return new SubsetOptions(threshold, keepFraction, seed);
  }

  private static IllegalArgumentException invalid(double keepFraction) {
    return new IllegalArgumentException(
        "Invalid fraction to keep: " + keepFraction + " (must be in (0,1])");
  }

  /**
   * How many of so many clips to keep: at least the share, computed in decimals, so that 0.07 of
   * 100 is 7.
   */
  int kept(int clips) {
    return BigDecimal.valueOf(keepFraction)
        .multiply(BigDecimal.valueOf(clips))
        .setScale(0, RoundingMode.CEILING)
        .intValueExact();
  }
}
