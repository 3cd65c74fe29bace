package dev.mien.preprocessing.crop;

import static org.bytedeco.opencv.global.opencv_core.BORDER_CONSTANT;
import static org.bytedeco.opencv.global.opencv_core.CV_64F;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.WARP_INVERSE_MAP;
import static org.bytedeco.opencv.global.opencv_imgproc.warpAffine;

import java.nio.DoubleBuffer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Samples a square of a frame at sub-pixel positions to a fixed size, with one grey level outside
 * the frame. For a square more than twice as large as the output, the frame is halved until it is
 * not, so that shrinking does not alias. Not thread-safe; close it.
 */
public final class SquareSampler implements AutoCloseable {
  // A sample is interpolated from two pixels along each axis: up to this step no pixel is skipped.
  private static final double LONGEST_STEP = 2;

  // Margin, in pixels of the image that is sampled, around the sampled area.
  private static final int MARGIN = 2;

  private final int size;
  private final Size outputSize;
  private final Mat matrix = new Mat(2, 3, CV_64F);
  private final DoubleBuffer coefficients = matrix.createBuffer();
  private final Halving halving = new Halving();
  private final Scalar outside;

  /**
   * A sampler with black outside the frame.
   *
   * @param size side of the output in pixels
   */
  public SquareSampler(int size) {
    this(size, 0);
  }

  /**
   * @param size side of the output in pixels
   * @param padding grey level outside the frame
   */
  public SquareSampler(int size, int padding) {
    this.size = size;
    this.outside = new Scalar(padding, padding, padding, 0);
    this.outputSize = new Size(size, size);
  }

  /** Writes the square's pixels to {@code output}, {@code [size,size]} of the frame's type. */
  public void sample(Mat frame, Square square, Mat output) {
    int scale = 1;
    while (square.side() / size > LONGEST_STEP * scale
        && 2 * scale <= Math.min(frame.cols(), frame.rows())) {
      scale *= 2;
    }
    if (scale == 1) {
      warp(frame, square, output);
      return;
    }
    try (Rect part = part(frame, square, scale);
        Mat pixels = new Mat(frame, part)) {
      Square inShrunk =
          new Square(
              (square.centreX() - part.x()) / scale,
              (square.centreY() - part.y()) / scale,
              square.side() / scale,
              square.radians());
      warp(halving.shrink(pixels, scale), inShrunk, output);
    }
  }

  private void warp(Mat source, Square square, Mat target) {
    double step = square.side() / size;
    double cosine = step * Math.cos(square.radians());
    double sine = step * Math.sin(square.radians());
    // Output index i has its centre at i + 1/2; OpenCV's matrices map indices to indices.
    double offset = 0.5 - size / 2.0;
    coefficients.put(0, cosine).put(1, -sine);
    coefficients.put(2, square.centreX() + (cosine - sine) * offset - 0.5);
    coefficients.put(3, sine).put(4, cosine);
    coefficients.put(5, square.centreY() + (sine + cosine) * offset - 0.5);
    warpAffine(
        source,
        target,
        matrix,
        outputSize,
        INTER_LINEAR | WARP_INVERSE_MAP,
        BORDER_CONSTANT,
        outside);
  }

  /**
   * The part of the frame that is sampled, in whole multiples of the scale; less than one multiple
   * is left out.
   */
  private static Rect part(Mat frame, Square square, int scale) {
    double turned = Math.abs(Math.cos(square.radians())) + Math.abs(Math.sin(square.radians()));
    double reach = square.side() / 2 * turned + MARGIN * scale;
    int left = from(square.centreX() - reach, scale, frame.cols());
    int top = from(square.centreY() - reach, scale, frame.rows());
    int right = to(square.centreX() + reach, scale, left, frame.cols());
    int bottom = to(square.centreY() + reach, scale, top, frame.rows());
    return new Rect(left, top, right - left, bottom - top);
  }

  private static int from(double least, int scale, int length) {
    int last = (length / scale - 1) * scale;
    return (int) Math.max(0, Math.min(last, Math.floor(least / scale) * scale));
  }

  private static int to(double most, int scale, int from, int length) {
    int last = length / scale * scale;
    return (int) Math.max(from + scale, Math.min(last, Math.ceil(most / scale) * scale));
  }

  @Override
  public void close() {
    outputSize.close();
    matrix.close();
    halving.close();
    outside.close();
  }
}
