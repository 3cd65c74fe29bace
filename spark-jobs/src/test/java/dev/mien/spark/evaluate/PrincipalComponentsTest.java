package dev.mien.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.testng.annotations.Test;

public class PrincipalComponentsTest {

  @Test
  public void principalComponentsAreTheDirectionsOfMostVariance() {
    double[][] rows = {{3, 1, 1}, {-3, 1, 1}, {0, 2, 1}, {0, 0, 1}};
    PrincipalComponents components = PrincipalComponents.fit(rows, 3);

    double[][] projected = components.project(rows);

    assertThat(projected[0]).hasSize(2); // the third value never differs
    assertThat(Math.abs(projected[0][0])).isCloseTo(3, within(1e-9));
    assertThat(Math.abs(projected[2][1])).isCloseTo(1, within(1e-9));
    assertThat(components.project(new double[][] {{0, 1, 5}})[0])
        .containsExactly(new double[] {0, 0}, within(1e-9));
    assertThat(PrincipalComponents.fit(rows, 1).project(rows)[0]).hasSize(1);
  }

  @Test
  public void rowsThatAreAllAlikeHaveOneComponentAlongWhichNothingDiffers() {
    double[][] rows = {{0, 0}, {0, 0}, {0, 0}};

    assertThat(PrincipalComponents.fit(rows, 2).project(new double[][] {{0, 0}, {3, 4}}))
        .isDeepEqualTo(new double[][] {{0}, {0}});
  }

  @Test
  public void principalComponentsAreThoseOfAFewOfVeryManyRows() {
    double[][] rows = new double[90][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i % 3 == 0 ? new double[] {i, 2 * i, 0} : new double[] {0, 0, 100 * i};
    }

    assertThat(PrincipalComponents.fit(rows, 3).project(rows)[0]).hasSize(2);
    double[][] projected = PrincipalComponents.fit(rows, 3, 30).project(rows);
    assertThat(projected).hasDimensions(90, 1);
    assertThat(Math.abs(projected[87][0] - projected[0][0]))
        .as("along the one direction of every third row")
        .isCloseTo(87 * Math.sqrt(5), within(1e-6));
  }
}
