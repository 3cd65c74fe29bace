package dev.mien.preprocessing.track;

/** A running mean, which spreads a step over its window. */
final class MeanFilter {
  private MeanFilter() {}

  /**
   * The mean of each value's neighbourhood, which shrinks towards the ends so that it stays centred
   * and a steady motion keeps its place.
   *
   * @param window values in a full neighbourhood, odd
   */
  static float[] smooth(float[] values, int window) {
    float[] smoothed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int reach = Math.min(window / 2, Math.min(i, values.length - 1 - i));
      double sum = 0;
      for (int j = i - reach; j <= i + reach; j++) {
        sum += values[j];
      }
      smoothed[i] = (float) (sum / (2 * reach + 1));
    }
    return smoothed;
  }
}
