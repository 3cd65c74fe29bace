package dev.mien.spark.inspect;

/**
 * Bins of equal width whose edges are round numbers, so that an axis can name them.
 *
 * @param first index of the first bin; bin {@code n} holds values from {@code n * width} on
 */
record Bins(long first, double width, int count) {

  /** More bins cannot be told apart in a small chart. */
  private static final int MOST = 40;

  /** With fewer bins there is no shape: values that are all alike should be a peak, not a block. */
  private static final int FEWEST = 9;

  /** Narrower bins, relative to the values in them, show nothing but rounding. */
  private static final double FINEST = 1e-3;

  /** Bins that hold every value from {@code least} to {@code greatest}. */
  static Bins of(double least, double greatest) {
    double magnitude = Math.max(Math.abs(least), Math.abs(greatest));
    double width = (greatest - least) / (MOST - 1);
    width = round(Math.max(width, magnitude == 0 ? 1 : magnitude * FINEST));
    long first = (long) Math.floor(least / width);
    int count = (int) ((long) Math.floor(greatest / width) - first) + 1;
    int padding = Math.max(0, (FEWEST - count + 1) / 2);
    return new Bins(first - padding, width, count + 2 * padding);
  }

  /** Lower edge of the first bin. */
  double low() {
    return first * width;
  }

  /** The least of 1, 2, 5, 10, … times a power of ten that is not below the width. */
  private static double round(double width) {
    double power = Math.pow(10, Math.floor(Math.log10(width)));
    for (int factor : new int[] {1, 2, 5}) {
      if (width <= factor * power) {
        return factor * power;
      }
    }
    return 10 * power;
  }
}
