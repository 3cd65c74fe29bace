package dev.mien.preprocessing.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.testng.annotations.Test;

public class MedianFilterTest {
  @Test
  public void medianOfTheNeighbourhood() {
    float[] values = {1, 9, 2, 8, 3, 50, 4};
    // Windows of 5: {1,9,2,8,3} {9,2,8,3,50} {2,8,3,50,4}
    assertThat(Arrays.copyOfRange(MedianFilter.smooth(values, 5), 2, 5)).containsExactly(3, 8, 4);
  }

  @Test
  public void steadyMotionKeepsItsPlaceUpToTheEndsWhateverLiesBesideIt() {
    float[] values = {3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33};
    assertThat(MedianFilter.smooth(values, 13)).containsExactly(values);
    float[] disturbed = values.clone();
    disturbed[1] = 500;
    disturbed[15] = -500;
    assertThat(MedianFilter.smooth(disturbed, 13)[0]).isCloseTo(3, within(1f));
    assertThat(MedianFilter.smooth(disturbed, 13)[15]).isCloseTo(33, within(1f));
  }

  @Test
  public void oneOutlierLeavesNoTrace() {
    float[] values = new float[40];
    values[20] = 1000;
    assertThat(MedianFilter.smooth(values, 13)).containsOnly(0);
  }
}
