package dev.mien.preprocessing.clip;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.addWeighted;
import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.FILLED;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.ellipse;
import static org.bytedeco.opencv.global.opencv_imgproc.rectangle;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Scenes, of 640x360 unless said, made of the samples' heads, which are cut out and pasted where
 * wanted.
 */
final class FaceScene {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;

  // The head in the samples' first frames; its face is 135 pixels high.
  private static final Rect HEAD = new Rect(140, 66, 136, 184);

  private final List<Mat> frames = new ArrayList<>();

  /** An empty room. */
  static FaceScene empty(int frames) {
    return empty(frames, WIDTH, HEIGHT);
  }

  static FaceScene empty(int frames, int width, int height) {
    FaceScene scene = new FaceScene();
    for (int i = 0; i < frames; i++) {
      scene.frames.add(new Mat(height, width, CV_8UC3, new Scalar(150, 170, 180, 0)));
    }
    return scene;
  }

  /** Another person than the sample's: mirrored, and of another colour. */
  static List<Mat> stranger(List<Mat> faces) {
    List<Mat> others = new ArrayList<>();
    for (Mat face : faces) {
      Mat other = new Mat();
      flip(face, other, 1);
      cvtColor(other, other, COLOR_BGR2RGB);
      others.add(other);
    }
    return others;
  }

  /** A place in each frame. */
  interface Path {
    /** Centre of the head; outside the frame when it is not there. */
    int[] at(int frame);
  }

  /**
   * Pastes the heads of a sample's frames over what is there.
   *
   * @param scale of the head, which is 136x184 pixels in the sample
   * @param left where the head begins in the sample: 140, or 124 when mirrored
   */
  FaceScene head(List<Mat> faces, int left, double scale, Path path) {
    int width = (int) Math.round(HEAD.width() * scale);
    int height = (int) Math.round(HEAD.height() * scale);
    Mat mask = new Mat(height, width, CV_8U, new Scalar(0));
    ellipse(
        mask,
        new Point(width / 2, height / 2),
        new Size(width / 2 - 1, height / 2 - 1),
        0,
        0,
        360,
        new Scalar(255),
        FILLED,
        LINE_8,
        0);
    for (int i = 0; i < frames.size(); i++) {
      int[] centre = path.at(i);
      int x = centre[0] - width / 2;
      int y = centre[1] - height / 2;
      Rect visible = visible(frames.get(i), x, y, width, height);
      if (visible.width() == 0 || visible.height() == 0) {
        continue;
      }
      Mat head = new Mat();
      Rect source = new Rect(left, HEAD.y(), HEAD.width(), HEAD.height());
      resize(
          new Mat(faces.get(i % faces.size()), source),
          head,
          new Size(width, height),
          0,
          0,
          INTER_AREA);
      Rect part = new Rect(visible.x() - x, visible.y() - y, visible.width(), visible.height());
      new Mat(head, part).copyTo(new Mat(frames.get(i), visible), new Mat(mask, part));
    }
    return this;
  }

  /** Draws an upright bar whose left edge follows the path. */
  FaceScene bar(int width, Path path) {
    for (int i = 0; i < frames.size(); i++) {
      Rect bar = new Rect(path.at(i)[0], 0, width, frames.get(i).rows());
      rectangle(frames.get(i), bar, new Scalar(60, 90, 60, 0), FILLED, LINE_8, 0);
    }
    return this;
  }

  List<Mat> frames() {
    return frames;
  }

  /** The given share of the second frame over the first. */
  static Mat mixed(Mat first, Mat second, double share) {
    Mat mixed = new Mat();
    addWeighted(first, 1 - share, second, share, 0, mixed);
    return mixed;
  }

  private static Rect visible(Mat frame, int x, int y, int width, int height) {
    int left = Math.max(0, x);
    int top = Math.max(0, y);
    int right = Math.max(left, Math.min(frame.cols(), x + width));
    int bottom = Math.max(top, Math.min(frame.rows(), y + height));
    return new Rect(left, top, right - left, bottom - top);
  }
}
