package dev.mien.preprocessing.track;

import static org.assertj.core.api.Assertions.assertThat;

import org.testng.annotations.Test;

public class MedianFilterTest {
  @Test
  public void medianOfTheNeighbourhoodCutOffAtTheEnds() {
    float[] values = {1, 9, 2, 8, 3, 50, 4};
    // Windows of 5: {1,9,2} {1,9,2,8} {1,9,2,8,3} {9,2,8,3,50} {2,8,3,50,4} {8,3,50,4} {3,50,4}
    assertThat(MedianFilter.smooth(values, 5)).containsExactly(2, 5, 3, 8, 4, 6, 4);
  }

  @Test
  public void oneOutlierLeavesNoTrace() {
    float[] values = new float[40];
    values[20] = 1000;
    assertThat(MedianFilter.smooth(values, 13)).containsOnly(0);
  }
}
