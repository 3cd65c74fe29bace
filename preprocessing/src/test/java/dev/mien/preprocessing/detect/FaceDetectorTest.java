package dev.mien.preprocessing.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mien.preprocessing.TestVideos;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.Test;

public class FaceDetectorTest {
  @Test
  public void suppressionKeepsTheBestOfOverlappingAndContainedBoxes() {
    Detection best = new Detection(new Box(0, 0, 100, 100), 0.9f, 0);
    Detection overlapping = new Detection(new Box(30, 0, 100, 100), 0.8f, 0); // IoU 0.54
    Detection contained = new Detection(new Box(10, 10, 40, 40), 0.7f, 0); // IoU 0.16
    Detection apart = new Detection(new Box(80, 0, 100, 100), 0.6f, 0); // IoU 0.11
    assertThat(FaceDetector.suppress(List.of(apart, contained, best, overlapping)))
        .containsExactly(best, apart);
  }

  @Test
  public void boxesFromDetectorsAndLandmarksHaveTheSameGeometry() throws Exception {
    List<Mat> frames = TestVideos.frames(TestVideos.CAP12, 200);
    try (FaceDetector detector = FaceDetector.open(DetectionOptions.defaults(), 1);
        FaceLandmarker landmarker = FaceLandmarker.open(1)) {
      for (int i = 0; i < frames.size(); i += 20) {
        List<Detection> found = detector.detect(frames.get(i));
        assertThat(found).as("faces in frame %d", i).hasSize(1);
        FaceLandmarks landmarks = landmarker.find(frames.get(i), found.get(0).landmarkSquare());
        assertThat(landmarks.presence()).isGreaterThan(0.9f);
        assertThat(found.get(0).faceBox().intersectionOverUnion(landmarks.box()))
            .as("agreement in frame %d", i)
            .isGreaterThan(0.85f);
      }
    }
  }

  @Test
  public void anglesFollowTheTurnOfThePicture() throws Exception {
    Mat frame = TestVideos.frames(TestVideos.CAP12, 1).get(0);
    Mat turned = new Mat();
    org.bytedeco.opencv.global.opencv_core.flip(frame, turned, 1);
    try (FaceDetector detector = FaceDetector.open(DetectionOptions.defaults(), 1);
        FaceLandmarker landmarker = FaceLandmarker.open(1)) {
      FaceLandmarks face = landmarker.find(frame, detector.detect(frame).get(0).landmarkSquare());
      FaceLandmarks mirrored =
          landmarker.find(turned, detector.detect(turned).get(0).landmarkSquare());
      assertThat(mirrored.yaw()).isCloseTo(-face.yaw(), within(3f));
      assertThat(mirrored.roll()).isCloseTo(-face.roll(), within(2f));
      assertThat(mirrored.pitch()).isCloseTo(face.pitch(), within(3f));
    }
  }
}
