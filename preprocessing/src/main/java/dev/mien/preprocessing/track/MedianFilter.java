package dev.mien.preprocessing.track;

import java.util.Arrays;

/** Running median, which removes outliers without lag or overshoot. */
final class MedianFilter {
  private MedianFilter() {}

  /**
   * The median of each value's neighbourhood. At the ends the neighbourhood is cut off, and of an
   * even number of values the two middle ones are averaged.
   *
   * @param window values in a full neighbourhood, odd
   */
  static float[] smooth(float[] values, int window) {
    float[] smoothed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int from = Math.max(0, i - window / 2);
      int to = Math.min(values.length, i + window / 2 + 1);
      float[] near = Arrays.copyOfRange(values, from, to);
      Arrays.sort(near);
      smoothed[i] = (near[(near.length - 1) / 2] + near[near.length / 2]) / 2;
    }
    return smoothed;
  }
}
