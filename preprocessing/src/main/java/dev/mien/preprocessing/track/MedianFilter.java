package dev.mien.preprocessing.track;

import java.util.Arrays;

/** A running median, which removes outliers without lag or overshoot. */
final class MedianFilter {
  private MedianFilter() {}

  /**
   * The median of each value's neighbourhood. At the ends the neighbourhood is cut off; its values
   * are first moved along their trend, so that a steady motion keeps its place, and for an even
   * number of values the two middle ones are averaged.
   *
   * @param window values in a full neighbourhood, odd
   */
  static float[] smooth(float[] values, int window) {
    float[] smoothed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int from = Math.max(0, i - window / 2);
      int to = Math.min(values.length, i + window / 2 + 1);
      float[] near = Arrays.copyOfRange(values, from, to);
      if (i - from != to - 1 - i) {
        float trend = trend(near);
        for (int j = 0; j < near.length; j++) {
          near[j] -= trend * (from + j - i);
        }
      }
      smoothed[i] = median(near);
    }
    return smoothed;
  }

  /** Change from one value to the next: the median slope of all pairs (Theil 1950, Sen 1968). */
  private static float trend(float[] values) {
    float[] slopes = new float[values.length * (values.length - 1) / 2];
    int pair = 0;
    for (int j = 1; j < values.length; j++) {
      for (int i = 0; i < j; i++) {
        slopes[pair++] = (values[j] - values[i]) / (j - i);
      }
    }
    return median(slopes);
  }

  private static float median(float[] values) {
    Arrays.sort(values);
    return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
  }
}
