package dev.mien.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.testng.annotations.Test;

public class RidgeRegressionTest {

  @Test
  public void aLinearRelationIsFoundAndNoiseIsNot() {
    SplittableRandom random = new SplittableRandom(5);
    double[][] features = new double[60][8];
    double[][] targets = new double[2][60];
    List<String> groups = new ArrayList<>();
    for (int row = 0; row < 60; row++) {
      for (int i = 0; i < 8; i++) {
        features[row][i] = random.nextGaussian() * (i + 1) + i;
      }
      targets[0][row] = 3 * features[row][2] - features[row][5] + 7;
      targets[1][row] = random.nextGaussian();
      groups.add("track " + row / 6);
    }
    double[][] others = {{0, 1, 5, 3, 4, 2, 6, 7}, {1, 1, 1, 1, 1, 1, 1, 1}};

    double[][] predicted = RidgeRegression.predict(features, targets, groups, others);

    assertThat(predicted[0]).containsExactly(new double[] {20, 9}, within(0.05));
    assertThat(predicted[1]).containsExactly(new double[] {0, 0}, within(0.5));
  }

  @Test
  public void oneClipIsTooFew() {
    assertThatThrownBy(
            () ->
                RidgeRegression.predict(
                    new double[2][3],
                    new double[1][2],
                    Collections.nCopies(2, "clip"),
                    new double[1][3]))
        .hasMessage("Too few clips to fit a probe: 1 (must be at least 2)");
  }
}
