package dev.mien.preprocessing.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.addWeighted;
import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_core.hconcat;

import dev.mien.preprocessing.TestVideos;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class ShotDetectorTest {
  private final Mat black = new Mat(300, 400, CV_8UC3, new Scalar(4, 4, 4, 0));
  private List<Mat> faces;
  private List<Mat> others;

  @BeforeClass
  public void read() throws Exception {
    faces = TestVideos.frames(TestVideos.CAP12, 60);
    others = new ArrayList<>();
    for (Mat face : TestVideos.frames(TestVideos.CAP13, 60)) {
      Mat other = new Mat();
      flip(face, other, 1);
      others.add(other);
    }
  }

  @Test
  public void dissolvesOfAnyUsualLengthAreFoundInTheMiddle() {
    for (int length : new int[] {8, 12, 20, 30}) {
      List<Mat> frames = new ArrayList<>(faces.subList(0, 30));
      for (int i = 0; i < length; i++) {
        frames.add(mixed(faces.get(i), others.get(i), (i + 0.5) / length));
      }
      frames.addAll(others.subList(30, 60));
      try (ShotDetector detector = new ShotDetector()) {
        assertThat(shots(detector, frames)).as("length %d", length).containsOnly(0);
        assertThat(detector.dissolves()).as("length %d", length).hasSize(1);
        assertThat(detector.dissolves().get(0))
            .as("length %d", length)
            .isBetween(30 + length / 2 - 5, 30 + length / 2 + 5);
      }
    }
  }

  @Test
  public void aFadeThroughBlackBeginsOneShot() {
    List<Mat> frames = new ArrayList<>(faces.subList(0, 30));
    for (int i = 0; i < 12; i++) {
      frames.add(mixed(faces.get(29), black, (i + 1) / 12.0));
    }
    frames.addAll(Collections.nCopies(5, black));
    for (int i = 0; i < 12; i++) {
      frames.add(mixed(black, others.get(i), (i + 1) / 12.0));
    }
    frames.addAll(others.subList(12, 40));
    try (ShotDetector detector = new ShotDetector()) {
      List<Integer> shots = shots(detector, frames);
      assertThat(shots.subList(0, 38)).containsOnly(0);
      assertThat(shots.subList(42, shots.size())).containsOnly(1);
      assertThat(detector.dissolves()).isEmpty();
    }
  }

  @Test
  public void changingLightIsNoDissolve() {
    List<Mat> frames = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Mat lit = new Mat();
      faces.get(i).convertTo(lit, -1, 0.5 + 0.5 * Math.min(1, Math.max(0, (i - 20) / 20.0)), 0);
      frames.add(lit);
    }
    try (ShotDetector detector = new ShotDetector()) {
      assertThat(shots(detector, frames)).containsOnly(0);
      assertThat(detector.dissolves()).isEmpty();
    }
  }

  @Test
  public void aPanIsNoDissolve() {
    Mat wide = new Mat();
    hconcat(faces.get(40), others.get(40), wide);
    List<Mat> frames = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int x = Math.min(400, Math.max(0, 20 * (i - 20)));
      frames.add(new Mat(wide, new Rect(x, 0, 400, 300)));
    }
    try (ShotDetector detector = new ShotDetector()) {
      shots(detector, frames);
      assertThat(detector.dissolves()).isEmpty();
    }
  }

  private static List<Integer> shots(ShotDetector detector, List<Mat> frames) {
    return frames.stream().map(detector::accept).toList();
  }

  private static Mat mixed(Mat first, Mat second, double share) {
    Mat mixed = new Mat();
    addWeighted(first, 1 - share, second, share, 0, mixed);
    return mixed;
  }
}
