package dev.mien.preprocessing.crop;

import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Shrinks images by averaging two by two pixels, repeatedly: OpenCV has vector instructions for
 * halving only, and is slower for a quarter at once or a fraction between. Not thread-safe; close
 * it.
 */
public final class Halving implements AutoCloseable {

  private final Size half = new Size();
  private Mat shrunk = new Mat();
  private Mat spare = new Mat();

  /**
   * The image at a fraction of its size; rows and columns that do not fill a pixel of it are left
   * out.
   *
   * @param image {@code [H,W]} uint8 of any channels
   * @param scale a power of two, at most the image's shorter side
   * @return valid until the next call; the image itself at a scale of 1
   */
  public Mat shrink(Mat image, int scale) {
    if (scale == 1) {
      return image;
    }
    try (Mat even = even(image)) {
      half.width(even.cols() / 2).height(even.rows() / 2);
      resize(even, spare, half, 0, 0, INTER_AREA);
    }
    Mat halved = spare;
    spare = shrunk;
    shrunk = halved;
    return shrink(halved, scale / 2);
  }

  /**
   * The image without an odd row or column, with which all pixels would be averaged by fractions.
   */
  private static Mat even(Mat image) {
    try (Mat rows = image.rowRange(0, image.rows() / 2 * 2)) {
      return rows.colRange(0, image.cols() / 2 * 2);
    }
  }

  @Override
  public void close() {
    half.close();
    shrunk.close();
    spare.close();
  }
}
