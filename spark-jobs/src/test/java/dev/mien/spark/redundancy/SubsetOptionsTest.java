package dev.mien.spark.redundancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.testng.annotations.Test;

public class SubsetOptionsTest {

  @Test
  public void aShareIsOfTheDecimalNumber() {
    assertThat(new SubsetOptions(20, 0.07, 1).kept(100))
        .isEqualTo(7); // 7.000000000000001 as a double
    assertThat(new SubsetOptions(20, 0.07, 1).kept(101)).isEqualTo(8);
    assertThat(new SubsetOptions(20, 1, 1).kept(100)).isEqualTo(100);
    assertThat(new SubsetOptions(20, 1e-9, 1).kept(3)).isEqualTo(1);
  }

  @Test
  public void noShareIsNotOneOfEachGroup() {
    assertThatThrownBy(() -> SubsetOptions.share(20, 0, 1))
        .hasMessage("Invalid fraction to keep: 0.0 (must be in (0,1])");
    assertThat(SubsetOptions.oneOfEachGroup(20, 1).keepFraction()).isZero();
  }
}
