package dev.mien.spark.redundancy;

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
      throw new IllegalArgumentException(
          "Invalid fraction to keep: " + keepFraction + " (must be in (0,1])");
    }
  }
}
