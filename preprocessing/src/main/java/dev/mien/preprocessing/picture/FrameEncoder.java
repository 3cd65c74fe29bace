package dev.mien.preprocessing.picture;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** Encodes BGR images as stored frames. Not thread-safe; close it. */
public final class FrameEncoder implements AutoCloseable {
  private final IntPointer jpegParameters;
  private final Mat rgb = new Mat();

  /**
   * Makes an encoder.
   *
   * @param jpegQuality of 1 to 100
   */
  public FrameEncoder(int jpegQuality) {
    jpegParameters = new IntPointer(IMWRITE_JPEG_QUALITY, jpegQuality);
  }

  /**
   * Encodes a frame so that {@link FrameDecoder} can read it.
   *
   * @param bgr {@code [H,W]} BGR uint8
   */
  public byte[] encode(Mat bgr, FrameFormat format) {
    return switch (format) {
      case JPEG -> jpeg(bgr);
      case RAW -> raw(bgr);
    };
  }

  /** Encodes an image {@code [H,W]}, BGR uint8, as JPEG. */
  public byte[] jpeg(Mat bgr) {
    try (BytePointer encoded = new BytePointer()) {
      if (!imencode(".jpg", bgr, encoded, jpegParameters)) {
        throw new IllegalStateException(
            "Cannot encode a frame of " + bgr.cols() + "x" + bgr.rows() + " as JPEG");
      }
      byte[] bytes = new byte[(int) encoded.limit()];
      encoded.get(bytes);
      return bytes;
    }
  }

  private byte[] raw(Mat bgr) {
    cvtColor(bgr, rgb, COLOR_BGR2RGB);
    byte[] bytes = new byte[(int) (rgb.total() * rgb.elemSize())];
    rgb.data().get(bytes);
    return bytes;
  }

  @Override
  public void close() {
    jpegParameters.close();
    rgb.close();
  }
}
