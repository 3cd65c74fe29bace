package dev.mien.preprocessing.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.FaceLandmarks;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

/** A video of 640x480 at 25 frames/s with faces of 100 pixels. */
public class FaceSelectionTest {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  private final FaceSequence left = face(0, 100, 50, 120);
  private final FaceSequence right = face(0, 100, 400, 120);
  private final FaceSequence later = face(100, 60, 400, 120);

  @Test
  public void boxesAreConvertedToSourcePixels() {
    float[] pixels = {30, 60, 90, 120};
    float[] shares = {0.25f, 0.5f, 0.125f, 0.25f};
    double[] start = {2};
    assertThat(new ExpectedFace(start, pixels, BoxUnit.PIXELS_OF_360_HIGH).at(2, 1920, 1080))
        .contains(new Box(90, 180, 270, 360));
    assertThat(new ExpectedFace(start, shares, BoxUnit.FRAME_SHARES).at(2, 1920, 1080))
        .contains(new Box(480, 540, 240, 270));
  }

  @Test
  public void timesBetweenAreInterpolatedAndOthersUnknown() {
    double[] seconds = {1, 1.04, 3};
    float[] boxes = {0, 0, 36, 36, 12, 0, 36, 36, 0, 0, 36, 36};
    ExpectedFace face = new ExpectedFace(seconds, boxes, BoxUnit.PIXELS_OF_360_HIGH);
    assertThat(face.at(1.03, 640, 360).orElseThrow().x()).isCloseTo(9, within(1e-3f));
    assertThat(face.at(3, 640, 360)).isPresent();
    assertThat(face.at(0.99, 640, 360)).isEmpty();
    assertThat(face.at(3.01, 640, 360)).isEmpty();
    assertThat(face.at(2, 640, 360)).as("in a hole of two seconds").isEmpty();
  }

  @Test
  public void onlyTheExpectedFaceIsKept() {
    List<FaceSequence> all = List.of(left, right, later);
    // The right one's place in a 480-high video, from the second second on.
    assertThat(select(all, expected(1, 4, 400, 120))).containsExactly(right);
    assertThat(select(all, expected(1, 5, 400, 120))).containsExactly(right, later);
    assertThat(select(all, expected(0, 4, 50, 120), expected(4, 6.4, 400, 120)))
        .as("an utterance of each")
        .containsExactly(left, later);
    assertThat(select(all, expected(0, 6.4, 225, 300))).as("nobody there").isEmpty();
  }

  @Test
  public void secondsCountFromTheFirstFrame() {
    List<FaceSequence> all = List.of(left, right, later);
    List<ExpectedFace> expected = List.of(expected(0, 4, 400, 120));
    long[] micros = micros(300_000_000L); // as of a part that kept the whole's clock
    assertThat(FaceSelection.expected(all, expected, micros, WIDTH, HEIGHT)).containsExactly(right);
  }

  @Test
  public void ofTwoThatOverlapThePlaceTheCloserIsKept() {
    FaceSequence near = face(0, 100, 60, 120);
    FaceSequence nearer = face(0, 100, 20, 120);
    assertThat(select(List.of(near, nearer), expected(0, 4, 30, 120))).containsExactly(nearer);
  }

  @Test
  public void aTrackThatOnlyPassesByIsNotKept() {
    List<Sighting> sightings = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      sightings.add(sighting(8 * i, 120)); // crosses the expected place in a few frames
    }
    FaceSequence passing = new FaceSequence(0, 0, sightings);
    assertThat(select(List.of(passing), expected(0, 4, 400, 120))).isEmpty();
  }

  @Test
  public void utterancesThatOverlapCountAFrameOnce() {
    List<Sighting> sightings = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      sightings.add(sighting(i < 30 ? 400 : 50, 120)); // where it is expected in three of ten
    }
    FaceSequence mostlyElsewhere = new FaceSequence(0, 0, sightings);
    ExpectedFace utterance = expected(0, 4, 400, 120);
    assertThat(select(List.of(mostlyElsewhere), utterance, utterance)).isEmpty();
  }

  @Test
  public void theUpperCentralFaceIsThePersonOfACroppedVideo() {
    FaceSequence person = face(0, 100, 270, 100);
    FaceSequence beside = face(0, 100, 10, 330);
    FaceSequence afterwards = face(100, 20, 10, 330);
    assertThat(upperCentral(person, beside, afterwards)).containsExactly(person);
    assertThat(upperCentral(beside)).as("alone, there is no choice").containsExactly(beside);
  }

  @Test
  public void malformedMetadataIsNamed() {
    float[] box = {0, 0, 36, 36};
    assertThatThrownBy(() -> new ExpectedFace(new double[2], box, BoxUnit.FRAME_SHARES))
        .hasMessage(
            "Invalid expected face: 2 times and 4 numbers of boxes (must be n and 4 n, n above 0)");
    assertThatThrownBy(
            () ->
                new ExpectedFace(
                    new double[] {1, 1},
                    new float[] {0, 0, 1, 1, 0, 0, 1, 1},
                    BoxUnit.FRAME_SHARES))
        .hasMessage("Invalid times of an expected face: 1.0 at 1 (must grow)");
    assertThatThrownBy(() -> new ExpectedFace(new double[] {1}, new float[4], BoxUnit.FRAME_SHARES))
        .hasMessage("Invalid box of an expected face: 0.0 x 0.0 at 0 (must be positive)");
  }

  private static List<FaceSequence> select(List<FaceSequence> all, ExpectedFace... expected) {
    return FaceSelection.expected(all, List.of(expected), micros(0), WIDTH, HEIGHT);
  }

  private static long[] micros(long first) {
    return IntStream.range(0, 160).mapToLong(i -> first + 40_000L * i).toArray();
  }

  private static List<FaceSequence> upperCentral(FaceSequence... faces) {
    return FaceSelection.upperCentral(List.of(faces), 160, WIDTH, HEIGHT);
  }

  /** VoxCeleb1's boxes of a face of 100 source pixels, 25 a second. */
  private static ExpectedFace expected(double from, double to, float x, float y) {
    int n = (int) Math.round(25 * (to - from));
    double[] seconds = new double[n];
    float[] boxes = new float[4 * n];
    for (int i = 0; i < n; i++) {
      seconds[i] = from + i / 25.0;
      boxes[4 * i] = 0.75f * x;
      boxes[4 * i + 1] = 0.75f * y;
      boxes[4 * i + 2] = 75;
      boxes[4 * i + 3] = 75;
    }
    return new ExpectedFace(seconds, boxes, BoxUnit.PIXELS_OF_360_HIGH);
  }

  private static FaceSequence face(int first, int frames, float x, float y) {
    List<Sighting> sightings = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      sightings.add(sighting(x, y));
    }
    return new FaceSequence(0, first, sightings);
  }

  private static Sighting sighting(float x, float y) {
    FaceLandmarks none = new FaceLandmarks(new float[2 * FaceLandmarks.POINTS], 0, 0, 0, 0);
    return new Sighting(new Box(x, y, 100, 100), 1, none);
  }
}
