package dev.mien.preprocessing.crop;

import static org.bytedeco.opencv.global.opencv_core.BORDER_CONSTANT;
import static org.bytedeco.opencv.global.opencv_core.CV_64F;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.WARP_INVERSE_MAP;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;
import static org.bytedeco.opencv.global.opencv_imgproc.warpAffine;

import java.nio.DoubleBuffer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Samples a square of a frame at sub-pixel positions to a fixed size, with one grey level for what
 * lies outside the frame. A square more than twice as large as the output is first sampled at a
 * whole multiple of the output size and then averaged, so that shrinking does not alias. Not
 * thread-safe; close it.
 */
public final class SquareSampler implements AutoCloseable {
  // A sample is interpolated from two pixels along each axis: up to this step none is left out.
  private static final double LONGEST_STEP = 2;

  // Beyond eightfold shrinking, finer sampling costs more than the aliasing it removes.
  private static final int MAXIMUM_OVERSAMPLING = 8;

  private final int size;
  private final Size outputSize;
  private final Size sampledSize = new Size();
  private final Mat matrix = new Mat(2, 3, CV_64F);
  private final DoubleBuffer coefficients = matrix.createBuffer();
  private final Mat sampled = new Mat();
  private final Scalar outside;

  /**
   * A sampler to which all is black outside the frame.
   *
   * @param size side of the output in pixels
   */
  public SquareSampler(int size) {
    this(size, 0);
  }

  /**
   * @param size side of the output in pixels
   * @param padding grey level of what lies outside the frame
   */
  public SquareSampler(int size, int padding) {
    this.size = size;
    this.outside = new Scalar(padding, padding, padding, 0);
    this.outputSize = new Size(size, size);
  }

  /** Writes the square's pixels to {@code output}, `[size,size]` of the frame's type. */
  public void sample(Mat frame, Square square, Mat output) {
    double step = square.side() / size;
    int oversampling =
        step <= LONGEST_STEP ? 1 : (int) Math.min(MAXIMUM_OVERSAMPLING, Math.ceil(step));
    int side = size * oversampling;
    step /= oversampling;
    double cosine = step * Math.cos(square.radians());
    double sine = step * Math.sin(square.radians());
    // Output index i has its centre at i + 1/2; OpenCV's matrices map indices to indices.
    double offset = 0.5 - side / 2.0;
    coefficients.put(0, cosine).put(1, -sine);
    coefficients.put(2, square.centreX() + (cosine - sine) * offset - 0.5);
    coefficients.put(3, sine).put(4, cosine);
    coefficients.put(5, square.centreY() + (sine + cosine) * offset - 0.5);
    sampledSize.width(side).height(side);
    Mat target = oversampling == 1 ? output : sampled;
    warpAffine(
        frame,
        target,
        matrix,
        sampledSize,
        INTER_LINEAR | WARP_INVERSE_MAP,
        BORDER_CONSTANT,
        outside);
    if (oversampling > 1) {
      resize(sampled, output, outputSize, 0, 0, INTER_AREA);
    }
  }

  @Override
  public void close() {
    outputSize.close();
    sampledSize.close();
    matrix.close();
    sampled.close();
    outside.close();
  }
}
