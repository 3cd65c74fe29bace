package dev.mien.preprocessing.track;

import static org.bytedeco.opencv.global.opencv_core.absdiff;
import static org.bytedeco.opencv.global.opencv_core.minMaxLoc;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2GRAY;
import static org.bytedeco.opencv.global.opencv_imgproc.FILLED;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.rectangle;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.detect.Box;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * The scene when faces were last searched for: where it has not changed, there is nobody new. Not
 * thread-safe; close it.
 */
final class SearchedScene implements AutoCloseable {
  // The smallest face that detectors find in a large frame is about one cell.
  private static final int WIDTH = 32;
  private static final int HEIGHT = 18;

  /** Grey levels up to which noise and flicker may change a cell. */
  private static final double CHANGE = 12;

  /** Factor by which a face is enlarged, since hair and neck move with it. */
  private static final double AROUND_A_FACE = 2;

  private final Size sampledSize = new Size(4 * WIDTH, 4 * HEIGHT);
  private final Size size = new Size(WIDTH, HEIGHT);
  private final Mat sampled = new Mat();
  private final Mat cells = new Mat();
  private final Mat difference = new Mat();
  private final Scalar none = new Scalar(0);
  private final DoublePointer most = new DoublePointer(1);
  private final Mat searched = new Mat();
  private final Mat current = new Mat();

  /** Remembers a frame, {@code [H,W]} BGR uint8. */
  void remember(Mat frame) {
    shrink(frame, searched);
  }

  /** Whether a frame differs from the remembered one outside the known faces. */
  boolean hasChanged(Mat frame, List<Box> faces) {
    shrink(frame, current);
    absdiff(current, searched, difference);
    double across = (double) WIDTH / frame.cols();
    double down = (double) HEIGHT / frame.rows();
    for (Box face : faces) {
      double half = AROUND_A_FACE * face.side() / 2;
      int left = (int) Math.floor((face.centreX() - half) * across);
      int top = (int) Math.floor((face.centreY() - half) * down);
      int right = (int) Math.ceil((face.centreX() + half) * across);
      int bottom = (int) Math.ceil((face.centreY() + half) * down);
      try (Rect around = new Rect(left, top, right - left, bottom - top)) {
        rectangle(difference, around, none, FILLED, LINE_8, 0);
      }
    }
    minMaxLoc(difference, null, most, null, null, null);
    return most.get() > CHANGE;
  }

  private void shrink(Mat frame, Mat result) {
    resize(frame, sampled, sampledSize, 0, 0, INTER_LINEAR);
    resize(sampled, cells, size, 0, 0, INTER_AREA);
    cvtColor(cells, result, COLOR_BGR2GRAY);
  }

  @Override
  public void close() {
    sampledSize.close();
    size.close();
    sampled.close();
    cells.close();
    difference.close();
    none.close();
    most.close();
    searched.close();
    current.close();
  }
}
