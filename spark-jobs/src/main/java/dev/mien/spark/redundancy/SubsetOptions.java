package dev.mien.spark.redundancy;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What a subset is to hold.
 *
 * @param threshold bits by which two near-duplicates may differ, see {@link Grouping}
 * @param keepFraction share of the clips to keep, in (0,1]; 0 keeps one of each group
 * @param seed by which ties between people and between videos are broken
 */
public record SubsetOptions(int threshold, double keepFraction, long seed) {

  public SubsetOptions {
    Thresholds.check(threshold);
    if (!(keepFraction >= 0 && keepFraction <= 1)) {
      throw invalid(keepFraction);
    }
  }

  /** One clip of each group. */
  public static SubsetOptions oneOfEachGroup(int threshold, long seed) {
    return new SubsetOptions(threshold, 0, seed);
  }

  /**
   * A share of the clips.
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

  /** Of so many clips the share to keep, at least that: 7 of 100 at 0.07, by the decimal number. */
  int kept(int clips) {
    return BigDecimal.valueOf(keepFraction)
        .multiply(BigDecimal.valueOf(clips))
        .setScale(0, RoundingMode.CEILING)
        .intValueExact();
  }
}
