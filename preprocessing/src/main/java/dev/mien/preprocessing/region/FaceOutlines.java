package dev.mien.preprocessing.region;

import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.fillPoly;

import dev.mien.preprocessing.detect.FaceLandmarks;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;

/** Fills the outlines given by a face's landmarks, to a sixteenth of a pixel. Close it. */
final class FaceOutlines implements AutoCloseable {
  private static final int FRACTION_BITS = 4;
  private static final int LONGEST_OUTLINE = 64;

  private final double scale;
  private final IntPointer outline = new IntPointer(2L * LONGEST_OUTLINE);
  private final Point polygon = new Point(outline); // shares that memory, with OpenCV's type
  private final Point origin = new Point(0, 0);

  /**
   * @param scale pixels of the target image per pixel of the landmarks' image
   */
  FaceOutlines(double scale) {
    this.scale = scale;
  }

  /** Fills one of {@link FaceMesh}'s polygons. */
  void fill(Mat target, float[] points, int[] indices, int value) {
    for (int i = 0; i < indices.length; i++) {
      put(i, points[2 * indices[i]], points[2 * indices[i] + 1]);
    }
    fill(target, indices.length, value);
  }

  /** Fills the half plane above the corners of the mouth, perpendicular to the face's axis. */
  void fillAboveMouth(Mat target, float[] points, int value) {
    double upX = points[2 * FaceLandmarks.FOREHEAD] - points[2 * FaceLandmarks.CHIN];
    double upY = points[2 * FaceLandmarks.FOREHEAD + 1] - points[2 * FaceLandmarks.CHIN + 1];
    double length = Math.max(1e-3, Math.hypot(upX, upY));
    double reach = 4 * Math.max(target.cols(), target.rows()) / scale;
    upX *= reach / length;
    upY *= reach / length;
    int right = 2 * FaceMesh.RIGHT_MOUTH_CORNER;
    int left = 2 * FaceMesh.LEFT_MOUTH_CORNER;
    double x = (points[right] + points[left]) / 2;
    double y = (points[right + 1] + points[left + 1]) / 2;
    put(0, x + upY, y - upX);
    put(1, x - upY, y + upX);
    put(2, x - upY + upX, y + upX + upY);
    put(3, x + upY + upX, y - upX + upY);
    fill(target, 4, value);
  }

  private void put(int i, double x, double y) {
    // OpenCV counts from the centre of a pixel, half a pixel further on.
    outline.put(2L * i, (int) Math.round((scale * x - 0.5) * (1 << FRACTION_BITS)));
    outline.put(2L * i + 1, (int) Math.round((scale * y - 0.5) * (1 << FRACTION_BITS)));
  }

  private void fill(Mat target, int corners, int value) {
    try (Scalar colour = new Scalar(value)) {
      fillPoly(target, polygon, new int[] {corners}, 1, colour, LINE_8, FRACTION_BITS, origin);
    }
  }

  @Override
  public void close() {
    outline.close();
    origin.close();
  }
}
