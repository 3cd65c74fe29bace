package dev.mien.preprocessing.clip;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.dct;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * The 64-bit DCT hash of a grey image: the signs of its 8×8 lowest frequencies relative to their
 * median, at 32×32 pixels. Scaling, compression and small changes of light flip few bits.
 */
final class PerceptualHash {
  private static final int SIZE = 32;
  private static final int FREQUENCIES = 8;

  private PerceptualHash() {}

  /**
   * @param grey {@code [H,W]} uint8
   */
  static long of(Mat grey) {
    try (Mat small = new Mat();
        Mat values = new Mat();
        Mat spectrum = new Mat();
        Size size = new Size(SIZE, SIZE)) {
      resize(grey, small, size, 0, 0, INTER_AREA);
      small.convertTo(values, CV_32F);
      dct(values, spectrum);
      FloatBuffer all = spectrum.createBuffer();
      float[] low = new float[FREQUENCIES * FREQUENCIES];
      for (int i = 0; i < low.length; i++) {
        low[i] = all.get(i / FREQUENCIES * SIZE + i % FREQUENCIES);
      }
      float[] sorted = low.clone();
      Arrays.sort(sorted);
      float median = (sorted[low.length / 2 - 1] + sorted[low.length / 2]) / 2;
      long hash = 0;
      for (int i = 0; i < low.length; i++) {
        if (low[i] > median) {
          hash |= 1L << i;
        }
      }
      return hash;
    }
  }
}
