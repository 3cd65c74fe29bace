package dev.mien.preprocessing.track;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.preprocessing.TestVideos;
import dev.mien.preprocessing.detect.DetectionOptions;
import dev.mien.preprocessing.detect.FaceDetector;
import dev.mien.preprocessing.detect.FaceLandmarker;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.testng.annotations.Test;

public class FaceTrackerTest {
  /** More than the landmark model ever gives. */
  private static final float NEVER = 2;

  @Test
  public void aFaceThatOnlyDetectorsFindIsSeenInTheFramesBetweenLooks() throws Exception {
    TrackOptions usual = TrackOptions.defaults();
    TrackOptions options =
        new TrackOptions(
            usual.detectionInterval(),
            usual.landmarkInterval(),
            usual.searchInterval(),
            usual.maximumGap(),
            usual.minimumFrames(),
            usual.minimumFaceSide(),
            0,
            usual.maximumFaces(),
            usual.smoothingWindow(),
            usual.choice());
    try (FaceDetector detector = FaceDetector.open(DetectionOptions.defaults(), 1);
        FaceLandmarker landmarker = FaceLandmarker.open(1);
        FaceTracker tracker = new FaceTracker(detector, landmarker, options, NEVER, 1)) {
      for (Mat frame : TestVideos.frames(TestVideos.CAP12, 20)) {
        tracker.accept(() -> frame, 0);
      }
      List<FaceSequence> sequences = tracker.finish(List.of());
      assertThat(sequences).hasSize(1);
      assertThat(sequences.get(0).frames()).isEqualTo(20);
      for (int i = 0; i < 20; i++) {
        Sighting sighting = sequences.get(0).sightings().get(i);
        assertThat(sighting.score()).as("score in frame %d", i).isPositive();
        assertThat(sighting.landmarks().presence()).as("presence in frame %d", i).isPositive();
      }
    }
  }
}
