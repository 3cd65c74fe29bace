package dev.mien.preprocessing.track;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.FaceLandmarks;
import java.util.List;
import org.testng.annotations.Test;

public class FaceSequenceTest {
  private static final float[] BOXES = {0, 0, 50, 60, 0, 0, 50, 60, 0, 0, 50, 80};

  @Test
  public void anglesAreOfTheFramesWhosePointsAreBelieved() {
    FaceQuality quality = quality(turned(0.9f, 10), turned(0.1f, 80), turned(0.8f, 20));

    assertThat(quality.yaw()).isEqualTo(15);
    assertThat(quality.landmarkShare()).isEqualTo(2 / 3f);
    assertThat(quality.faceSide()).isEqualTo(60);
  }

  @Test
  public void anglesAreOfAllFramesWhereNoPointsAreBelieved() {
    FaceQuality quality = quality(turned(0.1f, 70), turned(0.2f, 80), turned(0.3f, 90));

    assertThat(quality.yaw()).isEqualTo(80);
    assertThat(quality.landmarkShare()).isZero();
  }

  private static FaceQuality quality(Sighting... sightings) {
    return new FaceSequence(0, 0, List.of(sightings)).quality(0, sightings.length, BOXES, 0.5f);
  }

  private static Sighting turned(float presence, float yaw) {
    float[] points = new float[2 * FaceLandmarks.POINTS];
    return new Sighting(new Box(0, 0, 50, 60), 1, new FaceLandmarks(points, presence, yaw, 0, 0));
  }
}
