package dev.mien.spark.inspect;

import com.google.gson.JsonObject;
import dev.mien.spark.inspect.Report.TrainingCurves;
import dev.mien.spark.run.MetricsLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Turns a run's figures into curves over rounds. */
final class TrainingHistory {

  /** How many points a curve has at most; a screen has no pixels for more. */
  static final int POINTS = 2000;

  private TrainingHistory() {}

  /**
   * The curves of a {@link MetricsLog}'s lines; empty when no round is among them. Training and
   * validation loss are both the reconstruction's, so that they can be compared.
   */
  static Optional<TrainingCurves> curves(List<JsonObject> lines) {
    List<JsonObject> rounds = ofKind(lines, MetricsLog.ROUND);
    List<JsonObject> validations = ofKind(lines, MetricsLog.VALIDATION);
    if (rounds.isEmpty()) {
      return Optional.empty();
    }

    List<JsonObject> trained = rounds.stream().filter(TrainingHistory::hasMeans).toList();
    return Optional.of(
        new TrainingCurves(
            curve(trained, "reconstruction"),
            curve(validations, "loss"),
            curve(trained, "learning_rate"),
            curve(trained, "clips_per_second"),
            summary(rounds, validations)));
  }

  /** At most {@value #POINTS} of the values, evenly chosen, with the last one always among them. */
  static <T> List<T> thinned(List<T> values) {
    if (values.size() <= POINTS) {
      return values;
    }

    List<T> thinned = new ArrayList<>(POINTS);
    for (int i = 0; i < POINTS; i++) {
      thinned.add(values.get((int) ((long) i * (values.size() - 1) / (POINTS - 1))));
    }
    return thinned;
  }

  private static List<JsonObject> ofKind(List<JsonObject> lines, String kind) {
    return lines.stream().filter(line -> kind.equals(line.get("kind").getAsString())).toList();
  }

  /** Whether a round has means; one in which no clip could be read has none. */
  private static boolean hasMeans(JsonObject round) {
    return number(round, "clips") > 0;
  }

  private static List<double[]> curve(List<JsonObject> lines, String figure) {
    return thinned(lines).stream()
        .map(line -> new double[] {number(line, "round"), number(line, figure)})
        .toList();
  }

  private static String summary(List<JsonObject> rounds, List<JsonObject> validations) {
    JsonObject last = rounds.get(rounds.size() - 1);
    String trained =
        String.format(
            Locale.ROOT,
            "%,.0f rounds, %,.0f steps, %.1f epochs.",
            number(last, "round"),
            number(last, "step"),
            number(last, "epoch"));
    return validations.isEmpty()
        ? trained
        : trained
            + String.format(
                Locale.ROOT,
                " The validation loss went from %.4f to %.4f.",
                number(validations.get(0), "loss"),
                number(validations.get(validations.size() - 1), "loss"));
  }

  private static double number(JsonObject line, String figure) {
    if (!line.has(figure)) {
      throw new IllegalArgumentException(
          "Invalid metrics line: " + line + " (must have a number " + figure + ")");
    }
    return line.get(figure).getAsDouble();
  }
}
