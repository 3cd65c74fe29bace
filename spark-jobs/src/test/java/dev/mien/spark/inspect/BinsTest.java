package dev.mien.spark.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class BinsTest {

  @Test
  public void edgesAreRoundNumbers() {
    assertThat(Bins.of(-13.1, 14.7)).isEqualTo(new Bins(-14, 1, 29));
  }

  @DataProvider
  public Object[][] ranges() {
    return new Object[][] {{0, 0}, {1, 1}, {-5, -5}, {0.9999, 1}, {-90, 90}, {0, 255}, {3, 4e6}};
  }

  @Test(dataProvider = "ranges")
  public void everyValueLiesInABin(double least, double greatest) {
    Bins bins = Bins.of(least, greatest);

    assertThat(bins.count()).isBetween(9, 41);
    assertThat(Math.floor(least / bins.width()) - bins.first()).isNotNegative();
    assertThat(Math.floor(greatest / bins.width()) - bins.first()).isLessThan(bins.count());
  }

  @Test
  public void equalValuesArePutInTheMiddle() {
    Bins bins = Bins.of(1, 1);

    assertThat(bins.low()).isCloseTo(0.996, within(1e-9));
    assertThat(bins.width()).isEqualTo(0.001);
    assertThat(bins.count()).isEqualTo(9);
  }
}
