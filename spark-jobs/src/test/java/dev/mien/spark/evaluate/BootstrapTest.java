package dev.mien.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mien.spark.evaluate.Bootstrap.Estimate;
import java.util.List;
import org.testng.annotations.Test;

public class BootstrapTest {

  @Test
  public void intervalsComeOfResampledTracks() {
    List<String> tracks = List.of("a", "a", "b", "b", "c", "c");
    double[] actual = {1, 2, 3, 4, 5, 6};
    Bootstrap bootstrap = new Bootstrap(tracks, 500, 3);

    assertThat(bootstrap.explained(actual, actual)).isEqualTo(new Estimate(1, 1, 1));
    Estimate mean = bootstrap.explained(new double[] {3.5, 3.5, 3.5, 3.5, 3.5, 3.5}, actual);
    assertThat(mean.value()).isCloseTo(0, within(1e-12));
    Estimate oneWrong = bootstrap.explained(new double[] {1, 2, 3, 4, 6, 7}, actual);
    assertThat(oneWrong.value()).isCloseTo(1 - 2 / 17.5, within(1e-12));
    assertThat(oneWrong.low()).isLessThan(oneWrong.value());
    assertThat(oneWrong.high()).isEqualTo(1);
    assertThat(new Bootstrap(tracks, 500, 3).explained(new double[] {1, 2, 3, 4, 6, 7}, actual))
        .isEqualTo(oneWrong);
    assertThat(bootstrap.difference(actual, new double[] {1, 2, 3, 4, 6, 7}, actual).value())
        .isCloseTo(2 / 17.5, within(1e-12));
    // a single track gives the same sample each time
    Estimate single = new Bootstrap(List.of("a", "a"), 50, 3).explained(new double[] {1, 3}, 1, 2);
    assertThat(single.low()).isEqualTo(single.high()).isEqualTo(single.value());
  }
}
