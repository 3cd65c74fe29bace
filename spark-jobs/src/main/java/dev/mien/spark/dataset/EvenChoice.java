package dev.mien.spark.dataset;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Chooses a few of many values, evenly spread; the first is always among them. */
public final class EvenChoice {

  private EvenChoice() {}

  /** At most {@code count} of the numbers from 0 to {@code size - 1}, in ascending order. */
  public static int[] of(int size, int count) {
    int taken = Math.min(size, count);
    return IntStream.range(0, taken).map(i -> (int) ((long) i * size / taken)).toArray();
  }

  /** At most {@code count} of the values, in their order. */
  public static <T> List<T> of(List<T> values, int count) {
    return Arrays.stream(of(values.size(), count)).mapToObj(values::get).toList();
  }
}
