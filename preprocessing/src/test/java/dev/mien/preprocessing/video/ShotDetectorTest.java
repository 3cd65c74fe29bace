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

  @Test
  public void flickerCutsOnceAtMostAndAFlashLeavesOneShotAfterIt() {
    List<Mat> flicker = new ArrayList<>(faces.subList(0, 20));
    for (int i = 20; i < 50; i++) {
      flicker.add(i % 2 == 0 ? lit(faces.get(i), 0.4) : lit(faces.get(i), 1.6));
    }
    List<Mat> flash = new ArrayList<>(faces.subList(0, 50));
    flash.set(20, lit(faces.get(20), 2.5));
    for (List<Mat> frames : List.of(flicker, flash)) {
      try (ShotDetector detector = new ShotDetector()) {
        List<Integer> shots = shots(detector, frames);
        assertThat(shots.subList(0, 20)).containsOnly(0);
        assertThat(shots.subList(21, 50)).containsOnly(1);
      }
    }
  }

  @Test
  public void aCutIsFoundSoonAfterAnother() {
    List<Mat> frames = new ArrayList<>(faces.subList(0, 20));
    others.subList(20, 28).forEach(other -> frames.add(lit(other, 0.6)));
    frames.addAll(faces.subList(28, 48));
    try (ShotDetector detector = new ShotDetector()) {
      List<Integer> shots = shots(detector, frames);
      assertThat(shots.get(19)).isZero();
      assertThat(shots.subList(20, 28)).containsOnly(1);
      assertThat(shots.subList(28, 48)).containsOnly(2);
    }
  }

  @Test
  public void redThatTurnsFromOneEndOfTheHuesToTheOtherIsNoCut() {
    List<Mat> frames = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      // Hue 1 and hue 179.
      frames.add(
          new Mat(
              300, 400, CV_8UC3, i < 10 ? new Scalar(60, 66, 200, 0) : new Scalar(66, 60, 200, 0)));
    }
    try (ShotDetector detector = new ShotDetector()) {
      assertThat(shots(detector, frames)).containsOnly(0);
    }
  }

  private static List<Integer> shots(ShotDetector detector, List<Mat> frames) {
    return frames.stream().map(frame -> detector.accept(frame, false)).toList();
  }

  private static Mat lit(Mat frame, double by) {
    Mat lit = new Mat();
    frame.convertTo(lit, -1, by, 0);
    return lit;
  }

  private static Mat mixed(Mat first, Mat second, double share) {
    Mat mixed = new Mat();
    addWeighted(first, 1 - share, second, share, 0, mixed);
    return mixed;
  }
}
