package dev.mien.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.config.EvaluationOptions;
import dev.mien.spark.config.ValidationUnit;
import dev.mien.spark.evaluate.Bootstrap.Estimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

public class AttributeProbeTest {

  private static final EvaluationOptions OPTIONS = new EvaluationOptions(10, 8, 500, 3);

  @Test
  public void whatAnEncoderKnowsIsTold() {
    List<ProbedWindow> fitted = windows(80, 11);
    List<ProbedWindow> heldOut = windows(40, 12);

    AttributeProbe.Result result =
        AttributeProbe.run(fitted, heldOut, ValidationUnit.PEOPLE, OPTIONS);

    for (Attribute attribute : Attribute.values()) {
      Estimate trained = result.overall().explained().get(attribute).get(Representation.TRAINED);
      assertThat(trained.value()).as(attribute.label()).isGreaterThan(0.95);
      assertThat(result.overall().explained().get(attribute).get(Representation.UNTRAINED).value())
          .isLessThan(0.2);
      assertThat(result.overall().lead().get(attribute).get(Representation.PIXELS).low())
          .isPositive();
    }
  }

  /** Of fewer windows than an embedding has values, all components are kept, most of them noise. */
  @Test
  public void pixelsThatHoldTheAttributesTellThem() {
    double[][] directions = noises(new SplittableRandom(10), 300, 300);
    AttributeProbe.Result result =
        AttributeProbe.run(
            pictures(120, directions, 11),
            pictures(80, directions, 12),
            ValidationUnit.PEOPLE,
            OPTIONS);

    for (Attribute attribute : Attribute.values()) {
      assertThat(result.overall().explained().get(attribute).get(Representation.PIXELS).value())
          .as("%s, seeds 10 to 12", attribute.label())
          .isGreaterThan(0.9);
    }
  }

  @Test
  public void whatIsHeldOutTogetherIsLeftOutAndDrawnTogether() {
    List<ProbedWindow> people = windows(32, 11);
    assertThat(Groups.of(people, ValidationUnit.PEOPLE).names())
        .containsOnly("person 0", "person 1");
    assertThat(Groups.of(people.subList(0, 16), ValidationUnit.PEOPLE).names())
        .containsOnly("track 0", "track 1");
    assertThat(Groups.of(people.subList(0, 8), ValidationUnit.PEOPLE).names())
        .contains("clip 0", "clip 7");
  }

  @Test
  public void whatAnIntervalIsOverIsSaid() {
    List<ProbedWindow> people = windows(48, 11);
    assertThat(evaluation(people, ValidationUnit.PEOPLE).text())
        .contains("95 % interval over 3 held-out people.")
        .contains("On file:/d, version 3.", "In doubt: it is old.")
        .contains("Left out: 5 clips with a face seen in less than 75 % of the frames, 3 windows");
    assertThat(evaluation(people, ValidationUnit.TRACKS).text())
        .contains("95 % interval over 3 held-out tracks.");
    assertThat(evaluation(people.subList(0, 16), ValidationUnit.PEOPLE).text())
        .contains("95 % interval over 2 tracks of one held-out person.");
    assertThat(evaluation(people.subList(0, 8), ValidationUnit.PEOPLE).text())
        .contains("95 % interval over 8 clips of one held-out track.");

    String json = evaluation(people.subList(0, 16), ValidationUnit.PEOPLE).json();
    assertThat(JsonParser.parseString(json).getAsJsonObject().get("intervals_over"))
        .isEqualTo(JsonParser.parseString("{unit: tracks, count: 2}"));
  }

  @Test
  public void whatCannotBeToldIsNullToPrograms() {
    ProbedWindow one = windows(1, 11).get(0);
    List<ProbedWindow> alike = List.of(one, one); // no variance to explain

    JsonObject json =
        JsonParser.parseString(evaluation(alike, ValidationUnit.PEOPLE).json()).getAsJsonObject();

    assertThat(json.toString()).doesNotContain("NaN").doesNotContain("Infinity");
    JsonElement yaw =
        json.getAsJsonObject("explained").getAsJsonObject("yaw").getAsJsonObject("trained");
    assertThat(yaw).isEqualTo(JsonParser.parseString("{value: null, low: null, high: null}"));
    assertThat(json.getAsJsonObject("variance_between_tracks").get("yaw").isJsonNull()).isTrue();
  }

  private static Evaluation evaluation(List<ProbedWindow> heldOut, ValidationUnit unit) {
    return new Evaluation(
        Map.of("dataset", "file:/d", "dataset_version", "3", "doubt", "it is old"),
        new Evaluation.Counts(5, 10, 1, 80, 1, 3),
        6,
        AttributeProbe.run(windows(80, 12), heldOut, unit, OPTIONS));
  }

  @Test
  public void movesAreWhatATracksMeanLeaves() {
    List<String> tracks = List.of("a", "b", "a", "b");

    assertThat(AttributeProbe.withoutMeans(tracks, new double[][] {{1, 0}, {5, 0}, {3, 4}, {8, 0}}))
        .isDeepEqualTo(new double[][] {{-1, -2}, {-1.5, 0}, {1, 2}, {1.5, 0}});
  }

  @Test
  public void whoseFaceItIsDoesNotCountWithinTracks() {
    AttributeProbe.Result result =
        AttributeProbe.run(
            tracksApart(80, 11), tracksApart(40, 12), ValidationUnit.PEOPLE, OPTIONS);

    for (Attribute attribute : Attribute.values()) {
      assertThat(result.overall().explained().get(attribute).get(Representation.TRAINED).value())
          .as("%s overall, seeds 11 and 12", attribute.label())
          .isGreaterThan(0.9);
      assertThat(
              result.withinTracks().explained().get(attribute).get(Representation.TRAINED).value())
          .as("%s within tracks, seeds 11 and 12", attribute.label())
          .isLessThan(0.1);
      assertThat(result.betweenTracks().get(attribute)).isBetween(0.9, 1.0);
    }
  }

  /** The tracks' offsets, 95 % of the variance, are not told by the features' own. */
  @Test
  public void movesAreToldHoweverFarApartAFewTracksAre() {
    AttributeProbe.Result result =
        AttributeProbe.run(moving(80, 11), moving(80, 12), ValidationUnit.PEOPLE, OPTIONS);

    for (Attribute attribute : Attribute.values()) {
      assertThat(
              result.withinTracks().explained().get(attribute).get(Representation.TRAINED).value())
          .as("%s within tracks, seeds 11 and 12", attribute.label())
          .isGreaterThan(0.8);
      assertThat(
              result
                  .withinTracks()
                  .explained()
                  .get(attribute)
                  .get(Representation.UNTRAINED)
                  .value())
          .as("%s of noise, seeds 11 and 12", attribute.label())
          .isLessThan(0.1);
    }
  }

  /** Attributes and trained features are each an offset of the track and the same moves. */
  private static List<ProbedWindow> moving(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ProbedWindow> windows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int track = i / 8;
      double[] offsets = noise(new SplittableRandom(1000 * seed + track), 8);
      double[] attributes = noise(random, 4);
      double[] features = noise(random, 6);
      for (int j = 0; j < 4; j++) {
        double move = attributes[j] / Math.sqrt(19);
        attributes[j] = offsets[j] + move;
        features[j] = offsets[4 + j] + move + 0.02 * features[j];
      }
      windows.add(
          new ProbedWindow(
              "clip " + i,
              "track " + track,
              "person " + track,
              List.of(features, noise(random, 6), noise(random, 200)),
              attributes));
    }
    return windows;
  }

  /** The trained features tell the tracks apart and nothing else. */
  private static List<ProbedWindow> tracksApart(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ProbedWindow> windows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int track = i / 8;
      double[] own = noise(new SplittableRandom(1000 * seed + track), 4);
      double[] attributes = noise(random, 4);
      double[] mixture = noise(random, 6);
      for (int j = 0; j < 4; j++) {
        attributes[j] = own[j] + 0.1 * attributes[j];
        mixture[j] = own[j] + 0.01 * mixture[j];
      }
      windows.add(
          new ProbedWindow(
              "clip " + i,
              "track " + track,
              "person " + track / 2,
              List.of(mixture, noise(random, 6), noise(random, 200)),
              attributes));
    }
    return windows;
  }

  /** The trained features hold the attributes in a mixture, the others are noise. */
  private static List<ProbedWindow> windows(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ProbedWindow> windows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] attributes = noise(random, 4);
      double[] mixture = noise(random, 6);
      for (int j = 0; j < 4; j++) {
        mixture[j] = attributes[j] + 2 * attributes[(j + 1) % 4] + 0.02 * mixture[j];
      }
      windows.add(
          new ProbedWindow(
              "clip " + i,
              "track " + i / 8,
              "person " + i / 16,
              List.of(mixture, noise(random, 6), noise(random, 200)),
              attributes));
    }
    return windows;
  }

  /** Pixels whose k-th direction has a deviation of 1/k; the first four tell all but a little. */
  private static List<ProbedWindow> pictures(int count, double[][] directions, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ProbedWindow> windows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] weights = noise(random, directions.length);
      double[] pixels = new double[directions[0].length];
      for (int k = 0; k < directions.length; k++) {
        for (int pixel = 0; pixel < pixels.length; pixel++) {
          pixels[pixel] += weights[k] / (k + 1) * directions[k][pixel];
        }
      }
      windows.add(
          new ProbedWindow(
              "clip " + i,
              "track " + i / 8,
              "person " + i / 16,
              List.of(noise(random, 190), noise(random, 190), pixels),
              IntStream.range(0, 4)
                  .mapToDouble(k -> weights[k] + 0.2 * random.nextGaussian())
                  .toArray()));
    }
    return windows;
  }

  private static double[][] noises(SplittableRandom random, int count, int length) {
    return IntStream.range(0, count).mapToObj(i -> noise(random, length)).toArray(double[][]::new);
  }

  private static double[] noise(SplittableRandom random, int length) {
    double[] noise = new double[length];
    for (int i = 0; i < length; i++) {
      noise[i] = random.nextGaussian();
    }
    return noise;
  }
}
