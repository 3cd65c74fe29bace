package dev.mien.preprocessing.video;

import static org.bytedeco.opencv.global.opencv_core.absdiff;
import static org.bytedeco.opencv.global.opencv_core.mean;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2HSV;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Finds hard cuts: a frame starts a new shot when its mean absolute HSV difference to the frame
 * before is above a threshold and stands out from the differences just before it, so that fast
 * motion and flicker are not taken for cuts. Not thread-safe; close it.
 */
public final class ShotDetector implements AutoCloseable {
  // 64x36 keeps the layout of the scene and forgets noise and small motion.
  private static final int WIDTH = 64;
  private static final int HEIGHT = 36;

  /** PySceneDetect's content threshold on the mean of the three channels. */
  private static final double THRESHOLD = 27;

  private static final double PROMINENCE = 3;
  private static final double MEMORY = 0.8;

  private final Size size = new Size(WIDTH, HEIGHT);
  private final Size doubleSize = new Size(2 * WIDTH, 2 * HEIGHT);
  private final Mat sampled = new Mat();
  private final Mat small = new Mat();
  private final Mat difference = new Mat();
  private Mat current = new Mat();
  private Mat previous = new Mat();
  private double usual;
  private int shot = -1;

  /**
   * Takes the next frame and returns its shot's number, counted from 0.
   *
   * @param frame `[H,W]` BGR uint8
   */
  public int accept(Mat frame) {
    // Averaging the whole frame costs more than the comparison is worth.
    resize(frame, sampled, doubleSize, 0, 0, INTER_LINEAR);
    resize(sampled, small, size, 0, 0, INTER_AREA);
    cvtColor(small, current, COLOR_BGR2HSV);
    if (shot < 0) {
      shot = 0;
    } else {
      absdiff(current, previous, difference);
      double change;
      try (Scalar channels = mean(difference)) {
        change = (channels.get(0) + channels.get(1) + channels.get(2)) / 3;
      }
      if (change > THRESHOLD && change > PROMINENCE * usual) {
        shot++;
        usual = 0;
      } else {
        usual = MEMORY * usual + (1 - MEMORY) * change;
      }
    }
    Mat swap = previous;
    previous = current;
    current = swap;
    return shot;
  }

  @Override
  public void close() {
    size.close();
    doubleSize.close();
    sampled.close();
    small.close();
    difference.close();
    current.close();
    previous.close();
  }
}
