package dev.mien.preprocessing.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.TestVideos;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
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
        List<Detection> found = detect(detector, frames.get(i));
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
  public void smallFacesAreFoundInTilesOfALargeFrame() throws Exception {
    Mat sample = TestVideos.frames(TestVideos.CAP12, 1).get(0); // its face is 135 pixels high
    Mat small = new Mat();
    resize(sample, small, new Size(140, 105), 0, 0, INTER_AREA); // 47 pixels
    int[][] corners = {{0, 0}, {1140, 0}, {0, 615}, {1140, 615}, {435, 300}, {850, 200}};
    float scale = 140f / sample.cols();
    try (FaceDetector detector = FaceDetector.open(DetectionOptions.defaults(), 1)) {
      Box face = detect(detector, sample).get(0).box();
      for (int[] corner : corners) {
        Mat frame = new Mat(720, 1280, CV_8UC3, new Scalar(90, 90, 90, 0));
        Rect place = new Rect(corner[0], corner[1], 140, 105);
        small.copyTo(new Mat(frame, place));
        Box expected =
            new Box(
                corner[0] + scale * face.x(),
                corner[1] + scale * face.y(),
                scale * face.width(),
                scale * face.height());

        assertThat(detect(detector, frame)).as("in the whole").isEmpty();
        assertThat(detector.detect(frame, Tile.of(1280, 720, 40)))
            .as("at %d, %d", corner[0], corner[1])
            .singleElement()
            .satisfies(
                found ->
                    assertThat(found.box().intersectionOverUnion(expected)).isGreaterThan(0.6f));
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
      FaceLandmarks face = landmarker.find(frame, detect(detector, frame).get(0).landmarkSquare());
      FaceLandmarks mirrored =
          landmarker.find(turned, detect(detector, turned).get(0).landmarkSquare());
      assertThat(mirrored.yaw()).isCloseTo(-face.yaw(), within(3f));
      assertThat(mirrored.roll()).isCloseTo(-face.roll(), within(2f));
      assertThat(mirrored.pitch()).isCloseTo(face.pitch(), within(3f));
    }
  }

  private static List<Detection> detect(FaceDetector detector, Mat frame) {
    return detector.detect(frame, List.of(Tile.whole(frame.cols(), frame.rows())));
  }
}
