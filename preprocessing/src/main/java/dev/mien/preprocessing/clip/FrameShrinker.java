package dev.mien.preprocessing.clip;

import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.picture.FrameEncoder;
import java.util.function.Supplier;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** Makes thumbnails of whole frames, one per frame for all tracks that ask for it. */
final class FrameShrinker {
  private static final int WIDTH = 320;
  private static final int JPEG_QUALITY = 80;

  private int frame = -1;
  private Picture picture;
  private long nanos;

  /**
   * A thumbnail.
   *
   * @param scale thumbnail pixels per source pixel
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Picture(byte[] jpeg, double scale) {}

  /**
   * @param index of the frame in the video
   * @param image {@code [H,W]} BGR uint8, the frame's pixels
   */
  Picture picture(int index, Supplier<Mat> image) {
    if (index != frame) {
      Mat pixels = image.get();
      long start = System.nanoTime();
      picture = shrink(pixels);
      nanos += System.nanoTime() - start;
      frame = index;
    }
    return picture;
  }

  private static Picture shrink(Mat frame) {
    double scale = Math.min(1, (double) WIDTH / frame.cols());
    try (Size size =
            new Size(
                (int) Math.round(frame.cols() * scale), (int) Math.round(frame.rows() * scale));
        Mat small = new Mat();
        FrameEncoder encoder = new FrameEncoder(JPEG_QUALITY)) {
      resize(frame, small, size, 0, 0, INTER_AREA);
      return new Picture(encoder.jpeg(small), scale);
    }
  }

  /** Time spent so far. */
  long nanos() {
    return nanos;
  }
}
