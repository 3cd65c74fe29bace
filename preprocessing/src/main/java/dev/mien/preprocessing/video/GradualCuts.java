package dev.mien.preprocessing.video;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.NORM_L1;
import static org.bytedeco.opencv.global.opencv_core.addWeighted;
import static org.bytedeco.opencv.global.opencv_core.meanStdDev;
import static org.bytedeco.opencv.global.opencv_core.norm;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Finds dissolves. Over a window of frames the image changes much, the frame in the middle is the
 * mean of both ends, which motion does not produce, and the ends are not the same scene in another
 * light. A dissolve is known only when it is over. Not thread-safe; close it.
 */
final class GradualCuts implements AutoCloseable {
  // Dissolves take a third of a second to a second and more; of a longer one, a window of half a
  // second shows enough.
  private static final int[] WINDOWS = {8, 14};
  private static final int MEMORY = 15;

  /** Least mean absolute difference of the ends, in grey levels. */
  private static final double CHANGE = 14;

  /** Largest difference of the middle from the mean of the ends, as a share of theirs. */
  private static final double CURVATURE = 0.22;

  /** Largest correlation of the ends. */
  private static final double LIKENESS = 0.9;

  /** Standard deviation in grey levels of an image that shows nothing: fades are not dissolves. */
  private static final double FLAT = 10;

  private final Mat[] recent = new Mat[MEMORY];
  private final Mat mixed = new Mat();
  private final Mat mean = new Mat();
  private final Mat deviation = new Mat();
  private final Mat first = new Mat();
  private final Mat last = new Mat();
  private final List<Integer> cuts = new ArrayList<>();
  private int frame = -1;
  private int shotStart;
  private double best;
  private int middle;

  GradualCuts() {
    for (int i = 0; i < MEMORY; i++) {
      recent[i] = new Mat();
    }
  }

  /**
   * Takes the next frame.
   *
   * @param small a small copy, BGR uint8
   */
  void accept(Mat small) {
    frame++;
    small.copyTo(at(frame));
    double score = 0;
    for (int window : WINDOWS) {
      if (frame - window >= shotStart) {
        double found = dissolve(at(frame - window), at(frame - window / 2), at(frame));
        if (found > score) {
          score = found;
          if (found > best) {
            best = found;
            middle = frame - window / 2;
          }
        }
      }
    }
    if (score == 0 && best > 0 && frame - middle > WINDOWS[0]) {
      emit();
    }
  }

  /** Notes a hard cut before the last frame, which no dissolve reaches across. */
  void cut() {
    if (best > 0) {
      emit();
    }
    shotStart = frame;
  }

  /** First frames of the shots that dissolves lead to, counted from the video's first frame. */
  List<Integer> cuts() {
    if (best > 0) {
      emit();
    }
    return List.copyOf(cuts);
  }

  private void emit() {
    cuts.add(middle);
    shotStart = middle;
    best = 0;
  }

  /** How much changes in a dissolve from one image to another; 0 when it is not a dissolve. */
  private double dissolve(Mat from, Mat between, Mat to) {
    double values = 3.0 * from.rows() * from.cols();
    double change = norm(from, to, NORM_L1, null) / values;
    if (change < CHANGE) {
      return 0;
    }
    addWeighted(from, 0.5, to, 0.5, 0, mixed);
    double curvature = norm(between, mixed, NORM_L1, null) / values;
    if (curvature > CURVATURE * change || correlation(from, to) > LIKENESS) {
      return 0;
    }
    return change - curvature;
  }

  private double correlation(Mat from, Mat to) {
    double spreads = centred(from, first) * centred(to, last);
    if (spreads < FLAT * FLAT) {
      return 1;
    }
    return first.dot(last) / (3.0 * from.rows() * from.cols() * spreads);
  }

  /** Subtracts the mean of all channels and returns the standard deviation. */
  private double centred(Mat image, Mat result) {
    try (Mat flat = image.reshape(1)) {
      meanStdDev(flat, mean, deviation);
      flat.convertTo(result, CV_32F, 1, -mean.createIndexer().getDouble(0));
      return deviation.createIndexer().getDouble(0);
    }
  }

  private Mat at(int index) {
    return recent[index % MEMORY];
  }

  @Override
  public void close() {
    for (Mat image : recent) {
      image.close();
    }
    mixed.close();
    mean.close();
    deviation.close();
    first.close();
    last.close();
  }
}
