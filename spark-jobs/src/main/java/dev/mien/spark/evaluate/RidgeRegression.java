package dev.mien.spark.evaluate;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Ridge regression in closed form, on features that are centred and scaled to a mean variance of 1.
 * All are divided by the same number: scaled to a variance of 1 each, the last principal component,
 * which is noise, would weigh as much as the first. The penalty is the one of {@link #PENALTIES}
 * with the best predictions in cross-validation over five folds of groups.
 */
final class RidgeRegression {

  /**
   * In units of the number of rows and of the features' mean variance, so that they suit any number
   * and scale: from one that leaves the weakest direction alone to one that levels the strongest,
   * which may have all of the variance.
   */
  static final List<Double> PENALTIES =
      List.of(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0, 100.0, 1e3, 1e4);

  private static final int FOLDS = 5;

  private final double[] mean;
  private final double scale;
  private final RealMatrix left; // U, [n,k]
  private final double[] singular; // S
  private final RealMatrix right; // V, [values,k]

  private RidgeRegression(double[]... rows) {
    mean = new double[rows[0].length];
    double variance = 0;
    for (int i = 0; i < mean.length; i++) {
      int feature = i;
      double[] column = Arrays.stream(rows).mapToDouble(row -> row[feature]).toArray();
      mean[i] = StatUtils.mean(column);
      variance += StatUtils.populationVariance(column, mean[i]) / mean.length;
    }
    scale = variance > 0 ? Math.sqrt(variance) : 1;
    SingularValueDecomposition svd = new SingularValueDecomposition(scaled(rows));
    left = svd.getU();
    singular = svd.getSingularValues();
    right = svd.getV();
  }

  /** Weights for the scaled features, and an intercept. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, not compared
  private record Line(double[] weights, double intercept) {}

  /**
   * Fits every target with the best penalty for it, and predicts other rows.
   *
   * @param features {@code [n,values]} to fit on
   * @param targets {@code [targets][n]}
   * @param groups of the rows; rows of a group are in the same fold
   * @param others {@code [m,values]}
   * @return {@code [targets][m]}
   */
  static double[][] predict(
      double[][] features, double[][] targets, List<String> groups, double[][] others) {
    double[] penalties = penalties(features, targets, groups);
    RidgeRegression all = new RidgeRegression(features);
    double[][] predictions = new double[targets.length][];
    for (int target = 0; target < targets.length; target++) {
      predictions[target] = all.predict(all.fit(targets[target], penalties[target]), others);
    }
    return predictions;
  }

  /** The best penalty of each target. */
  private static double[] penalties(double[][] features, double[][] targets, List<String> groups) {
    Set<String> names = new LinkedHashSet<>(groups.stream().sorted().toList());
    List<String> order = List.copyOf(names);
    int folds = Math.min(FOLDS, order.size());
    if (folds < 2) {
      throw new IllegalArgumentException(
          "Too few clips to fit a probe: " + order.size() + " (must be at least 2)");
    }
    double[][] errors = new double[targets.length][PENALTIES.size()];
    for (int fold = 0; fold < folds; fold++) {
      int left = fold;
      int[] out = rows(groups, group -> order.indexOf(group) % folds == left);
      int[] in = rows(groups, group -> order.indexOf(group) % folds != left);
      RidgeRegression model = new RidgeRegression(pick(features, in));
      double[][] others = pick(features, out);
      for (int target = 0; target < targets.length; target++) {
        for (int i = 0; i < errors[target].length; i++) {
          Line line = model.fit(pick(targets[target], in), PENALTIES.get(i));
          errors[target][i] += squares(model.predict(line, others), pick(targets[target], out));
        }
      }
    }

    return Arrays.stream(errors)
        .mapToDouble(
            ofTarget -> {
              int best = 0;
              for (int i = 1; i < ofTarget.length; i++) {
                best = ofTarget[i] < ofTarget[best] ? i : best;
              }
              return PENALTIES.get(best);
            })
        .toArray();
  }

  private Line fit(double[] target, double penalty) {
    double middle = Arrays.stream(target).average().orElseThrow();
    double[] centred = Arrays.stream(target).map(value -> value - middle).toArray();
    double[] along = left.preMultiply(centred);
    for (int i = 0; i < along.length; i++) {
      along[i] *= singular[i] / (singular[i] * singular[i] + penalty * target.length);
    }
    return new Line(right.operate(along), middle);
  }

  private double[] predict(Line line, double[]... rows) {
    double[] predicted = scaled(rows).operate(line.weights());
    return Arrays.stream(predicted).map(value -> value + line.intercept()).toArray();
  }

  private RealMatrix scaled(double[]... rows) {
    double[][] scaled = new double[rows.length][mean.length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < mean.length; i++) {
        scaled[row][i] = (rows[row][i] - mean[i]) / scale;
      }
    }
    return new Array2DRowRealMatrix(scaled, false);
  }

  private static double squares(double[] predicted, double... actual) {
    double sum = 0;
    for (int i = 0; i < actual.length; i++) {
      sum += (predicted[i] - actual[i]) * (predicted[i] - actual[i]);
    }
    return sum;
  }

  private static int[] rows(List<String> groups, Predicate<String> belongs) {
    return IntStream.range(0, groups.size()).filter(row -> belongs.test(groups.get(row))).toArray();
  }

  private static double[][] pick(double[][] rows, int... picked) {
    return Arrays.stream(picked).mapToObj(row -> rows[row]).toArray(double[][]::new);
  }

  private static double[] pick(double[] values, int... picked) {
    return Arrays.stream(picked).mapToDouble(row -> values[row]).toArray();
  }
}
