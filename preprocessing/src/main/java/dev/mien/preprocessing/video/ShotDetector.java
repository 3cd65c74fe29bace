package dev.mien.preprocessing.video;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.absdiff;
import static org.bytedeco.opencv.global.opencv_core.extractChannel;
import static org.bytedeco.opencv.global.opencv_core.mean;
import static org.bytedeco.opencv.global.opencv_core.meanStdDev;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2HSV;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Finds where shots begin: at a hard cut, where a frame's mean absolute HSV difference from the one
 * before is above a threshold and stands out from the differences just before it, so that fast
 * motion and flicker are not taken for cuts; where everything is black or white, as in a fade; at a
 * hole in time; and in the middle of a dissolve, which is known only afterwards, see {@link
 * #dissolves()}. Not thread-safe; close it.
 */
public final class ShotDetector implements AutoCloseable {
  // 64x36 keeps the layout of the scene and removes noise and small motion.
  private static final int WIDTH = 64;
  private static final int HEIGHT = 36;

  /** PySceneDetect's content threshold on the mean of the three channels. */
  private static final double THRESHOLD = 27;

  // An empty frame is this dark or bright on average, and even.
  private static final double BLACK = 24;
  private static final double WHITE = 235;
  private static final double EVEN = 6;

  /** The largest distance of two hues: OpenCV's hues wrap around at 180. */
  private static final double OPPOSITE = 90;

  private static final double PROMINENCE = 3;
  private static final double MEMORY = 0.8;

  private final Size size = new Size(WIDTH, HEIGHT);
  private final Size doubleSize = new Size(2 * WIDTH, 2 * HEIGHT);
  private final Mat sampled = new Mat();
  private final Mat small = new Mat();
  private final Mat difference = new Mat();
  private Mat current = new Mat();
  private Mat previous = new Mat();
  private final GradualCuts gradual = new GradualCuts();
  private final Mat brightness = new Mat();
  private final Mat mean = new Mat();
  private final Mat deviation = new Mat();
  private final Mat hue = new Mat();
  private final Mat opposite = new Mat(HEIGHT, WIDTH, CV_8UC1, new Scalar(OPPOSITE));
  private double usual;
  private boolean hasJustBegun;
  private double previousLevel;
  private boolean isEmpty;
  private int shot = -1;

  /**
   * Takes the next frame and returns its shot's number, from 0.
   *
   * @param frame {@code [H,W]} BGR uint8, turned like all others
   * @param followsHole whether the frame before is from much earlier
   */
  public int accept(Mat frame, boolean followsHole) {
    // Averaging the whole frame would cost more than the comparison.
    resize(frame, sampled, doubleSize, 0, 0, INTER_LINEAR);
    resize(sampled, small, size, 0, 0, INTER_AREA);
    cvtColor(small, current, COLOR_BGR2HSV);
    gradual.accept(small);
    extractChannel(current, brightness, 2);
    meanStdDev(brightness, mean, deviation);
    double level = mean.createIndexer().getDouble(0);
    boolean wasEmpty = isEmpty;
    isEmpty = (level < BLACK || level > WHITE) && deviation.createIndexer().getDouble(0) < EVEN;
    if (shot < 0) {
      shot = 0;
    } else if (followsHole) {
      begin();
      hasJustBegun = true;
    } else if (isEmpty != wasEmpty) {
      if (isEmpty) { // what fades in belongs to the shot that the empty frames began
        begin();
      }
    } else if (!isEmpty) {
      double change = change(Math.min(level, previousLevel));
      if (hasJustBegun) { // a shot's first change only tells what is usual in it
        usual = change;
        hasJustBegun = false;
      } else if (change > THRESHOLD && change > PROMINENCE * usual) {
        begin();
        hasJustBegun = true;
      } else {
        usual = MEMORY * usual + (1 - MEMORY) * change;
      }
    }
    previousLevel = level;
    Mat swap = previous;
    previous = current;
    current = swap;
    return shot;
  }

  private void begin() {
    shot++;
    usual = 0;
    gradual.cut();
  }

  private double change(double darker) {
    absdiff(current, previous, difference);
    try (Scalar channels = mean(difference)) {
      // Hue and saturation of nearly black pixels are noise.
      return darker < BLACK
          ? channels.get(2)
          : (hueChange() + channels.get(1) + channels.get(2)) / 3;
    }
  }

  /** Mean of min(d, 180 - d), computed as 90 - |d - 90|: red lies at both ends of the scale. */
  private double hueChange() {
    extractChannel(difference, hue, 0);
    absdiff(hue, opposite, hue);
    try (Scalar distance = mean(hue)) {
      return OPPOSITE - distance.get(0);
    }
  }

  /**
   * First frames of the shots that dissolves lead to, counted from the first frame taken: the
   * middle of each dissolve. The numbers that {@link #accept} returned do not include these shots.
   */
  public List<Integer> dissolves() {
    return gradual.cuts();
  }

  @Override
  public void close() {
    gradual.close();
    brightness.close();
    mean.close();
    deviation.close();
    size.close();
    doubleSize.close();
    sampled.close();
    small.close();
    difference.close();
    hue.close();
    opposite.close();
    current.close();
    previous.close();
  }
}
