package dev.mien.preprocessing.track;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.TestVideos;
import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.DetectionOptions;
import dev.mien.preprocessing.detect.FaceAppearance;
import dev.mien.preprocessing.detect.FaceDetector;
import dev.mien.preprocessing.detect.FaceLandmarker;
import dev.mien.preprocessing.detect.FaceLandmarks;
import dev.mien.preprocessing.detect.Tile;
import java.util.List;
import java.util.Set;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.Test;

public class LandmarkFollowerTest {
  private static final float PRESENCE = 0.5f;

  /** More than the face is wide, in pixels. */
  private static final float STEP = 200;

  @Test
  public void aFaceThatRunsIntoAnotherKeepsItsLooks() throws Exception {
    List<Mat> frames = TestVideos.frames(TestVideos.CAP12, 3);
    Mat first = frames.get(0);
    try (FaceDetector detector = FaceDetector.open(DetectionOptions.defaults(), 1);
        FaceLandmarker landmarker = FaceLandmarker.open(1);
        SightingFile file = new SightingFile(1)) {
      Set<Tile> whole = Set.of(Tile.whole(first.cols(), first.rows()));
      Square square = detector.detect(first, whole).get(0).landmarkSquare();
      FaceLandmarks here = landmarker.find(first, square);
      FaceAppearance looks = landmarker.appearance();
      LiveFace still = new LiveFace(file, 0, 0, sighting(here, 0), looks);
      still.add(1, sighting(here, 0));
      LiveFace running = new LiveFace(file, 0, 0, sighting(here, -2 * STEP), looks);
      running.add(1, sighting(here, -STEP));

      new LandmarkFollower(landmarker, PRESENCE)
          .follow(frames.get(2), List.of(still, running), 2, 1);

      assertThat(still.lastFrame()).isEqualTo(2);
      assertThat(still.appearance()).isNotSameAs(looks);
      assertThat(running.lastFrame()).as("held").isEqualTo(1);
      assertThat(running.appearance()).isSameAs(looks);
    }
  }

  private static Sighting sighting(FaceLandmarks landmarks, float across) {
    float[] points = landmarks.points().clone();
    for (int i = 0; i < points.length; i += 2) {
      points[i] += across;
    }
    FaceLandmarks moved = new FaceLandmarks(points, 1, 0, 0, 0);
    Box box = moved.box();
    return new Sighting(box, 1, moved);
  }
}
