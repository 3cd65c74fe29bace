package dev.mien.preprocessing.track;

import static org.assertj.core.api.Assertions.assertThat;

import org.testng.annotations.Test;

public class MeanFilterTest {
  @Test
  public void aStepBecomesASlope() {
    float[] values = {0, 0, 0, 0, 10, 10, 10, 10};
    assertThat(MeanFilter.smooth(values, 5)).containsExactly(0, 0, 2, 4, 6, 8, 10, 10);
  }

  @Test
  public void steadyMotionKeepsItsPlaceUpToTheEnds() {
    float[] values = {3, 5, 7, 9, 11, 13};
    assertThat(MeanFilter.smooth(values, 5)).containsExactly(values);
  }
}
