package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.track.FaceQuality;
import java.util.Optional;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Each bound at its edge: a figure that equals it is kept, the next number beyond is not. */
public class FilterOptionsTest {

  private static final FilterOptions FILTER =
      new FilterOptions(0.5f, 0.6f, 0.7f, 80, 40, 30, 20, 15, 60, 200, 2, 25);

  /** Passes every bound of the filter, and none by an edge. */
  private static final FaceQuality PASSING =
      new FaceQuality(0.9f, 0.9f, 0.9f, 100, 50, 128, 9, 0, 0, 0);

  private interface Figure {
    FaceQuality of(float value);
  }

  @DataProvider
  public Object[][] bounds() {
    return new Object[][] {
      {"score", (Figure) FilterOptionsTest::score, 0.5f, Math.nextDown(0.5f)},
      {"presence", (Figure) FilterOptionsTest::presence, 0.6f, Math.nextDown(0.6f)},
      {"landmark share", (Figure) FilterOptionsTest::landmarkShare, 0.7f, Math.nextDown(0.7f)},
      {"face side", (Figure) FilterOptionsTest::faceSide, 80f, Math.nextDown(80f)},
      {"yaw", (Figure) FilterOptionsTest::yaw, 40f, Math.nextUp(40f)},
      {"yaw", (Figure) FilterOptionsTest::yaw, -40f, Math.nextDown(-40f)},
      {"pitch", (Figure) FilterOptionsTest::pitch, 30f, Math.nextUp(30f)},
      {"pitch", (Figure) FilterOptionsTest::pitch, -30f, Math.nextDown(-30f)},
      {"roll", (Figure) FilterOptionsTest::roll, 20f, Math.nextUp(20f)},
      {"roll", (Figure) FilterOptionsTest::roll, -20f, Math.nextDown(-20f)},
      {"sharpness", (Figure) FilterOptionsTest::sharpness, 15f, Math.nextDown(15f)},
      {"brightness", (Figure) FilterOptionsTest::brightness, 60f, Math.nextDown(60f)},
      {"brightness", (Figure) FilterOptionsTest::brightness, 200f, Math.nextUp(200f)},
      {"motion", (Figure) FilterOptionsTest::motion, 2f, Math.nextDown(2f)},
      {"motion", (Figure) FilterOptionsTest::motion, 25f, Math.nextUp(25f)},
    };
  }

  @Test(dataProvider = "bounds")
  public void theEdgeIsKeptAndWhatIsBeyondIsRefusedByName(
      String name, Object figure, float edge, float beyond) {
    assertThat(refusals(PASSING)).isEmpty();
    assertThat(refusals(((Figure) figure).of(edge))).as("at %s", edge).isEmpty();
    assertThat(refusals(((Figure) figure).of(beyond))).as("at %s", beyond).containsExactly(name);
  }

  private static Stream<String> refusals(FaceQuality quality) {
    return Stream.of(FILTER.refusedUnseen(quality), FILTER.refusedSeen(quality))
        .flatMap(Optional::stream);
  }

  private static FaceQuality score(float value) {
    return beforePixels(value, 0.9f, 0.9f, 100);
  }

  private static FaceQuality presence(float value) {
    return beforePixels(0.9f, value, 0.9f, 100);
  }

  private static FaceQuality landmarkShare(float value) {
    return beforePixels(0.9f, 0.9f, value, 100);
  }

  private static FaceQuality faceSide(float value) {
    return beforePixels(0.9f, 0.9f, 0.9f, value);
  }

  private static FaceQuality yaw(float value) {
    return turned(value, 0, 0);
  }

  private static FaceQuality pitch(float value) {
    return turned(0, value, 0);
  }

  private static FaceQuality roll(float value) {
    return turned(0, 0, value);
  }

  private static FaceQuality sharpness(float value) {
    return PASSING.withPixels(value, 128, 9);
  }

  private static FaceQuality brightness(float value) {
    return PASSING.withPixels(50, value, 9);
  }

  private static FaceQuality motion(float value) {
    return PASSING.withPixels(50, 128, value);
  }

  private static FaceQuality beforePixels(
      float score, float presence, float landmarkShare, float faceSide) {
    return new FaceQuality(score, presence, landmarkShare, faceSide, 50, 128, 9, 0, 0, 0);
  }

  private static FaceQuality turned(float yaw, float pitch, float roll) {
    return new FaceQuality(0.9f, 0.9f, 0.9f, 100, 50, 128, 9, yaw, pitch, roll);
  }
}
