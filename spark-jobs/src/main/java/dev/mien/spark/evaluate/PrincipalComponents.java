package dev.mien.spark.evaluate;

import dev.mien.spark.dataset.EvenChoice;
import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.BlockRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Principal components, from the Gram matrix of at most {@value #MOST} rows, which has fewer
 * entries than the rows have values; the time grows with the cube of the number of rows.
 */
final class PrincipalComponents {

  static final int MOST = 2000;

  private static final double NEGLIGIBLE = 1e-9;

  private final double[] mean;
  private final RealMatrix rows; // [n,values], centred
  private final RealMatrix directions; // [n,components], in the space of the rows

  private PrincipalComponents(double[] mean, RealMatrix rows, RealMatrix directions) {
    this.mean = mean;
    this.rows = rows;
    this.directions = directions;
  }

  /**
   * Finds at most {@code count} components; fewer when the rows span fewer, and a single one, along
   * which nothing differs, when all rows are alike.
   *
   * @param all {@code [n,values]}
   */
  static PrincipalComponents fit(double[][] all, int count) {
    return fit(all, count, MOST);
  }

  /** Finds components of at most {@code most} of the rows, evenly chosen. */
  static PrincipalComponents fit(double[][] all, int count, int most) {
    double[][] values = EvenChoice.of(Arrays.asList(all), most).toArray(double[][]::new);
    double[] mean = new double[values[0].length];
    for (double[] row : values) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[i] / values.length;
      }
    }
    RealMatrix rows = centred(values, mean);
    EigenDecomposition gram = new EigenDecomposition(rows.multiply(rows.transpose()));
    double[] eigenvalues = gram.getRealEigenvalues(); // the largest first
    int kept =
        (int)
            Arrays.stream(eigenvalues)
                .limit(count)
                .filter(value -> value > NEGLIGIBLE * eigenvalues[0])
                .count();
    RealMatrix directions = new Array2DRowRealMatrix(values.length, Math.max(1, kept));
    for (int i = 0; i < kept; i++) {
      directions.setColumnVector(i, gram.getEigenvector(i).mapDivide(Math.sqrt(eigenvalues[i])));
    }
    return new PrincipalComponents(mean, rows, directions);
  }

  /** Projects rows {@code [m,values]} onto the components, {@code [m,components]}. */
  double[][] project(double[][] values) {
    return centred(values, mean).multiply(rows.transpose()).multiply(directions).getData();
  }

  private static RealMatrix centred(double[][] values, double... mean) {
    double[][] centred = new double[values.length][mean.length];
    for (int row = 0; row < values.length; row++) {
      for (int i = 0; i < mean.length; i++) {
        centred[row][i] = values[row][i] - mean[i];
      }
    }
    return new BlockRealMatrix(centred); // blocks whose products stay in the processor's caches
  }
}
