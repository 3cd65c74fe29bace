package dev.mien.spark.evaluate;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;

import dev.mien.spark.config.EvaluationOptions;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Fits a linear probe on some windows, for each representation, and judges it on others. */
final class AttributeProbe {

  private AttributeProbe() {}

  /**
   * What the probes tell.
   *
   * @param explained share of each attribute's variance
   * @param lead how much more the trained encoder's probe explains than this one's
   * @param betweenTracks share of each attribute's variance that the tracks' means have: at 1 a
   *     track counts for one sample, however many windows it has
   */
  record Result(
      Map<Attribute, Map<Representation, Bootstrap.Estimate>> explained,
      Map<Attribute, Map<Representation, Bootstrap.Estimate>> lead,
      Map<Attribute, Double> betweenTracks) {}

  /**
   * Fits and judges.
   *
   * @throws IllegalArgumentException when there is only one clip to fit on
   */
  static Result run(
      List<ProbedWindow> fitted, List<ProbedWindow> heldOut, EvaluationOptions options) {
    List<String> groups = groups(fitted);
    Map<Representation, double[][]> predictions = new EnumMap<>(Representation.class);
    for (Representation representation : Representation.values()) {
      double[][] features = features(fitted, representation);
      double[][] others = features(heldOut, representation);
      if (representation == Representation.PIXELS) {
        int width = fitted.get(0).features(Representation.TRAINED).length;
        PrincipalComponents components = PrincipalComponents.fit(features, width);
        features = components.project(features);
        others = components.project(others);
      }
      predictions.put(
          representation, RidgeRegression.predict(features, targets(fitted), groups, others));
    }

    Bootstrap bootstrap =
        new Bootstrap(
            heldOut.stream().map(ProbedWindow::trackId).toList(),
            options.resamples(),
            options.seed());
    double[][] actual = targets(heldOut);
    Map<Attribute, Map<Representation, Bootstrap.Estimate>> explained =
        new EnumMap<>(Attribute.class);
    Map<Attribute, Map<Representation, Bootstrap.Estimate>> lead = new EnumMap<>(Attribute.class);
    List<Attribute> attributes = List.of(Attribute.values());
    for (int target = 0; target < actual.length; target++) {
      Attribute attribute = attributes.get(target);
      double[] trained = predictions.get(Representation.TRAINED)[target];
      explained.put(attribute, new EnumMap<>(Representation.class));
      lead.put(attribute, new EnumMap<>(Representation.class));
      for (Representation representation : Representation.values()) {
        double[] predicted = predictions.get(representation)[target];
        explained
            .get(attribute)
            .put(representation, bootstrap.explained(predicted, actual[target]));
        if (representation != Representation.TRAINED) {
          lead.get(attribute)
              .put(representation, bootstrap.difference(trained, predicted, actual[target]));
        }
      }
    }
    Map<Attribute, Double> betweenTracks = new EnumMap<>(Attribute.class);
    attributes.forEach(
        attribute -> betweenTracks.put(attribute, betweenTracks(heldOut, attribute)));
    return new Result(explained, lead, betweenTracks);
  }

  /** The share of an attribute's variance that is left when each window has its track's mean. */
  static double betweenTracks(List<ProbedWindow> windows, Attribute attribute) {
    Map<String, Double> means =
        windows.stream()
            .collect(
                groupingBy(ProbedWindow::trackId, averagingDouble(w -> w.attribute(attribute))));
    return variance(windows, window -> means.get(window.trackId()))
        / variance(windows, window -> window.attribute(attribute));
  }

  private static double variance(List<ProbedWindow> windows, ToDoubleFunction<ProbedWindow> value) {
    double mean = windows.stream().mapToDouble(value).average().orElseThrow();
    return windows.stream()
        .mapToDouble(value)
        .map(v -> (v - mean) * (v - mean))
        .average()
        .orElseThrow();
  }

  /** What is left out together to choose a penalty: tracks, or clips when there is one track. */
  private static List<String> groups(List<ProbedWindow> windows) {
    List<String> tracks = windows.stream().map(ProbedWindow::trackId).toList();
    return tracks.stream().distinct().count() > 1
        ? tracks
        : windows.stream().map(ProbedWindow::clipId).toList();
  }

  private static double[][] features(List<ProbedWindow> windows, Representation representation) {
    return windows.stream().map(window -> window.features(representation)).toArray(double[][]::new);
  }

  private static double[][] targets(List<ProbedWindow> windows) {
    return Arrays.stream(Attribute.values())
        .map(a -> windows.stream().mapToDouble(window -> window.attribute(a)).toArray())
        .toArray(double[][]::new);
  }
}
