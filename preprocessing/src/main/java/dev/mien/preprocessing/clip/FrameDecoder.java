package dev.mien.preprocessing.clip;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Decodes stored frames into RGB uint8 `[size,size,3]`, straight into a buffer. Not thread-safe;
 * close it.
 */
public final class FrameDecoder implements AutoCloseable {
  private final Mat decoded = new Mat();
  private final Mat scaled = new Mat();
  private final Size targetSize = new Size();

  /**
   * Writes one frame at the buffer's position and advances it by {@code size * size * 3}. JPEG at
   * half and quarter size is decoded at that size, without computing the pixels in between; other
   * sizes are averaged down.
   *
   * @param image a frame as {@link Clip#images()} holds it
   * @param size side of the result; divides the stored height and width, which must be equal
   * @throws IllegalArgumentException when the image is not what format and stored size say, the
   *     size does not divide, or the buffer has too little room
   */
  public void decode(
      byte[] image,
      FrameFormat format,
      int storedHeight,
      int storedWidth,
      int size,
      ByteBuffer target) {
    if (size < 1 || storedHeight != storedWidth || storedHeight % size != 0) {
      throw new IllegalArgumentException(
          "Invalid size: %d (must divide the stored square frame of %dx%d)"
              .formatted(size, storedWidth, storedHeight));
    }
    int bytes = size * size * 3;
    if (target.remaining() < bytes) {
      throw new IllegalArgumentException(
          "Invalid buffer: %d bytes remaining (must be at least %d)"
              .formatted(target.remaining(), bytes));
    }
    switch (format) {
      case JPEG -> decodeJpeg(image, storedHeight, size, target);
      case RAW -> decodeRaw(image, storedHeight, size, target);
    }
  }

  private void decodeJpeg(byte[] image, int stored, int size, ByteBuffer target) {
    int flags =
        switch (stored / size) {
          case 2 -> IMREAD_REDUCED_COLOR_2;
          case 4 -> IMREAD_REDUCED_COLOR_4;
          default -> IMREAD_COLOR;
        };
    boolean isReduced = flags != IMREAD_COLOR;
    int expected = isReduced ? size : stored;
    try (BytePointer pixels = new BytePointer(image);
        Mat encoded = new Mat(1, image.length, CV_8U, pixels)) {
      imdecode(encoded, flags, decoded).close();
    }
    if (decoded.empty()) {
      throw new IllegalArgumentException(
          "Invalid frame: " + image.length + " bytes (must be a JPEG image)");
    }
    if (decoded.rows() != expected || decoded.cols() != expected) {
      throw new IllegalArgumentException(
          "Invalid frame: decoded to %dx%d (must be %dx%d)"
              .formatted(decoded.cols(), decoded.rows(), expected, expected));
    }
    cvtColor(decoded, decoded, COLOR_BGR2RGB);
    write(decoded, size, target);
  }

  private void decodeRaw(byte[] image, int stored, int size, ByteBuffer target) {
    if (image.length != stored * stored * 3) {
      throw new IllegalArgumentException(
          "Invalid raw frame: %d bytes (must be %d)".formatted(image.length, stored * stored * 3));
    }
    if (size == stored) {
      target.put(image);
      return;
    }
    try (BytePointer pixels = new BytePointer(image);
        Mat rgb = new Mat(stored, stored, CV_8UC3, pixels)) {
      write(rgb, size, target);
    }
  }

  private void write(Mat rgb, int size, ByteBuffer target) {
    Mat source = rgb;
    if (rgb.cols() != size) {
      targetSize.width(size).height(size);
      resize(rgb, scaled, targetSize, 0, 0, INTER_AREA);
      source = scaled;
    }
    ByteBuffer pixels = source.createBuffer();
    target.put(pixels.limit(size * size * 3));
  }

  @Override
  public void close() {
    decoded.close();
    scaled.close();
    targetSize.close();
  }
}
