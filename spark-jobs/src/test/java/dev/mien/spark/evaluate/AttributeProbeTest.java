package dev.mien.spark.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.mien.spark.config.EvaluationOptions;
import dev.mien.spark.config.ValidationUnit;
import dev.mien.spark.evaluate.Bootstrap.Estimate;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

public class AttributeProbeTest {

  private static final EvaluationOptions OPTIONS = new EvaluationOptions(10, 8, 500, 3);

  @Test
  public void attributesAreReadOffLandmarksWhateverTheRoll() {
    for (double roll : new double[] {0, 0.4, -0.7}) {
      byte[] face = face(roll);
      // half of the nose's way from the middle to the cheek: 30 degrees
      assertThat(Attribute.YAW.mean(face, 0)).as("roll %s", roll).isCloseTo(30, within(0.2));
      assertThat(Attribute.PITCH.mean(face, 0)).isCloseTo(20 / 150.0, within(2e-3));
      assertThat(Attribute.MOUTH.mean(face, 0)).isCloseTo(10 / 150.0, within(5e-4));
      assertThat(Attribute.EYES.mean(face, 0)).isCloseTo(6 / 150.0, within(5e-4));
    }
  }

  /** At 60 degrees all is half as wide. */
  @Test
  public void aTurnOpensNeitherMouthNorEyes() {
    byte[] turned = face(0.4, 0.5);
    assertThat(Attribute.MOUTH.mean(turned, 0)).isCloseTo(10 / 150.0, within(5e-4));
    assertThat(Attribute.EYES.mean(turned, 0)).isCloseTo(6 / 150.0, within(5e-4));
  }

  @Test
  public void attributesAreMeansOfTheFramesAsked() {
    ByteBuffer two = ByteBuffer.allocate(2 * 468 * 4);
    two.put(face(0)).put(new byte[468 * 4]);
    assertThat(Attribute.MOUTH.mean(two.array(), 0, 0)).isCloseTo(10 / 150.0, within(5e-4));
    assertThat(Attribute.MOUTH.mean(two.array(), 0, 1)).isNaN();
  }

  @Test
  public void aProfileTellsNoYaw() {
    byte[] face = face(0);
    ShortBuffer points = ByteBuffer.wrap(face).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    int cheek = points.get(2 * 454);
    points.put(2, (short) (cheek - 2)); // the tip of the nose, point 1
    assertThat(Attribute.YAW.mean(face, 0)).isBetween(80.0, 90.0);
    points.put(2, (short) (cheek + 2));
    assertThat(Attribute.YAW.mean(face, 0)).isNaN();
  }

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
    Map<String, Long> counts =
        Map.of(
            "windows fitted",
            80L,
            "tracks fitted",
            10L,
            "windows held out",
            1L,
            "tracks held out",
            1L,
            "clips unseen",
            5L,
            "windows unmeasured",
            3L);
    return new Evaluation(
        Map.of("dataset", "file:/d", "dataset_version", "3", "doubt", "it is old"),
        counts,
        6,
        AttributeProbe.run(windows(80, 12), heldOut, unit, OPTIONS));
  }

  @Test
  public void movesAreWhatATracksMeanLeaves() {
    List<String> tracks = List.of("a", "b", "a", "b");

    assertThat(AttributeProbe.withoutMeans(tracks, new double[] {1, 5, 3, 8}))
        .isDeepEqualTo(new double[][] {{-1, -1.5, 1, 1.5}});
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

  /** A face 100 pixels wide and 150 high, looking 30 degrees aside. */
  private static byte[] face(double roll) {
    return face(roll, 1);
  }

  /** The same, all of it so many times as wide. */
  private static byte[] face(double roll, double width) {
    ByteBuffer landmarks = ByteBuffer.allocate(468 * 4).order(ByteOrder.LITTLE_ENDIAN);
    put(landmarks, roll, 234, width * -50, 0);
    put(landmarks, roll, 454, width * 50, 0);
    put(landmarks, roll, 1, width * 25, 20);
    put(landmarks, roll, 10, 0, -75);
    put(landmarks, roll, 152, 0, 75);
    put(landmarks, roll, 13, 0, 40);
    put(landmarks, roll, 14, 0, 50);
    for (int side : new int[] {-1, 1}) {
      boolean right = side < 0;
      put(landmarks, roll, right ? 33 : 263, width * 35 * side, -20);
      put(landmarks, roll, right ? 133 : 362, width * 15 * side, -20);
      put(landmarks, roll, right ? 159 : 386, width * 25 * side, -23);
      put(landmarks, roll, right ? 145 : 374, width * 25 * side, -17);
    }
    return landmarks.array();
  }

  private static void put(ByteBuffer landmarks, double roll, int point, double x, double y) {
    double turnedX = 112 + x * Math.cos(roll) - y * Math.sin(roll);
    double turnedY = 112 + x * Math.sin(roll) + y * Math.cos(roll);
    landmarks.putShort(4 * point, (short) Math.round(64 * turnedX));
    landmarks.putShort(4 * point + 2, (short) Math.round(64 * turnedY));
  }
}
