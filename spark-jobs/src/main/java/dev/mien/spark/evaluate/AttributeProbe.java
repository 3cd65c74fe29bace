package dev.mien.spark.evaluate;

import static java.util.stream.Collectors.groupingBy;
import static org.apache.commons.math3.stat.StatUtils.populationVariance;

import dev.mien.spark.config.EvaluationOptions;
import dev.mien.spark.config.ValidationUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.util.MathArrays;

/** Fits a linear probe for each representation on some windows, and scores it on others. */
final class AttributeProbe {

  private static final List<Attribute> ATTRIBUTES = List.of(Attribute.values());

  private AttributeProbe() {}

  /**
   * Scores of the probes.
   *
   * @param explained share of each attribute's variance that is explained, R²
   * @param lead how much more the trained encoder's probe explains than this one's
   */
  record Shares(
      Map<Attribute, Map<Representation, Bootstrap.Estimate>> explained,
      Map<Attribute, Map<Representation, Bootstrap.Estimate>> lead) {}

  /**
   * Results of the probes.
   *
   * @param overall scores over all differences between windows
   * @param withinTracks scores when each track's mean is subtracted from features and attributes,
   *     by probes fitted on those: how a face moves, and not whose it is
   * @param betweenTracks share of each attribute's variance that lies in the tracks' means; at 1 a
   *     track counts as one sample, however many windows it has
   * @param groups of the held-out windows, over which the intervals are computed
   */
  record Result(
      Shares overall, Shares withinTracks, Map<Attribute, Double> betweenTracks, Groups groups) {}

  /**
   * Fits and scores the probes.
   *
   * @param unit that the run holds out as a whole
   * @throws IllegalArgumentException when there is only one clip to fit on
   */
  static Result run(
      List<ProbedWindow> fitted,
      List<ProbedWindow> heldOut,
      ValidationUnit unit,
      EvaluationOptions options) {
    List<String> groups = Groups.of(fitted, unit).names();
    List<String> fittedTracks = fitted.stream().map(ProbedWindow::trackId).toList();
    List<String> tracks = heldOut.stream().map(ProbedWindow::trackId).toList();
    double[][] targets = targets(fitted);
    double[][] fittedMoves = moves(fittedTracks, targets);
    Map<Representation, double[][]> predictions = new EnumMap<>(Representation.class);
    Map<Representation, double[][]> predictedMoves = new EnumMap<>(Representation.class);
    int width = fitted.get(0).features(Representation.TRAINED).length;
    for (Representation representation : Representation.values()) {
      double[][] features = features(fitted, representation);
      double[][] others = features(heldOut, representation);
      Probe probe = new Probe(representation, width, groups);
      predictions.put(representation, probe.predict(features, targets, others));
      // Most of the variance is between tracks, of which there are few: a penalty that suits their
      // means would level the moves.
      predictedMoves.put(
          representation,
          probe.predict(
              withoutMeans(fittedTracks, features), fittedMoves, withoutMeans(tracks, others)));
    }

    Groups judged = Groups.of(heldOut, unit);
    Bootstrap bootstrap = new Bootstrap(judged.names(), options.resamples(), options.seed());
    double[][] actual = targets(heldOut);
    double[][] moves = moves(tracks, actual);
    Map<Attribute, Double> betweenTracks = new EnumMap<>(Attribute.class);
    for (int target = 0; target < actual.length; target++) {
      betweenTracks.put(
          ATTRIBUTES.get(target),
          1 - populationVariance(moves[target]) / populationVariance(actual[target]));
    }
    return new Result(
        shares(bootstrap, predictions, actual),
        shares(bootstrap, predictedMoves, moves),
        betweenTracks,
        judged);
  }

  /**
   * A probe; pixels are reduced to as many principal components of the fitted windows as an
   * embedding has values.
   */
  private record Probe(Representation representation, int width, List<String> groups) {

    double[][] predict(double[][] features, double[][] targets, double[]... others) {
      if (representation != Representation.PIXELS) {
        return RidgeRegression.predict(features, targets, groups, others);
      }
      PrincipalComponents components = PrincipalComponents.fit(features, width);
      return RidgeRegression.predict(
          components.project(features), targets, groups, components.project(others));
    }
  }

  private static Shares shares(
      Bootstrap bootstrap, Map<Representation, double[][]> predictions, double[]... actual) {
    Map<Attribute, Map<Representation, Bootstrap.Estimate>> explained =
        new EnumMap<>(Attribute.class);
    Map<Attribute, Map<Representation, Bootstrap.Estimate>> lead = new EnumMap<>(Attribute.class);
    for (int target = 0; target < actual.length; target++) {
      Attribute attribute = ATTRIBUTES.get(target);
      double[] values = actual[target];
      double[] trained = predictions.get(Representation.TRAINED)[target];
      explained.put(attribute, new EnumMap<>(Representation.class));
      lead.put(attribute, new EnumMap<>(Representation.class));
      for (Representation representation : Representation.values()) {
        double[] predicted = predictions.get(representation)[target];
        explained.get(attribute).put(representation, bootstrap.explained(predicted, values));
        if (representation != Representation.TRAINED) {
          lead.get(attribute).put(representation, bootstrap.difference(trained, predicted, values));
        }
      }
    }
    return new Shares(explained, lead);
  }

  /** Rows {@code [windows,values]} with the mean of their track subtracted. */
  static double[][] withoutMeans(List<String> tracks, double[]... rows) {
    double[][] moves = new double[rows.length][];
    IntStream.range(0, rows.length)
        .boxed()
        .collect(groupingBy(tracks::get))
        .values()
        .forEach(
            track -> {
              double[] sum =
                  track.stream().map(window -> rows[window]).reduce(MathArrays::ebeAdd).get();
              double[] mean = MathArrays.scale(1.0 / track.size(), sum);
              track.forEach(window -> moves[window] = MathArrays.ebeSubtract(rows[window], mean));
            });
    return moves;
  }

  /** Attributes {@code [attributes,windows]} with the mean of their track subtracted. */
  private static double[][] moves(List<String> tracks, double[]... attributes) {
    return transposed(withoutMeans(tracks, transposed(attributes)));
  }

  private static double[][] transposed(double[]... rows) {
    return new Array2DRowRealMatrix(rows, false).transpose().getData();
  }

  private static double[][] features(List<ProbedWindow> windows, Representation representation) {
    return windows.stream().map(window -> window.features(representation)).toArray(double[][]::new);
  }

  private static double[][] targets(List<ProbedWindow> windows) {
    return ATTRIBUTES.stream()
        .map(a -> windows.stream().mapToDouble(window -> window.attribute(a)).toArray())
        .toArray(double[][]::new);
  }
}
