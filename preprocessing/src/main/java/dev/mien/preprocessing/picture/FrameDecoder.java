package dev.mien.preprocessing.picture;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Decodes stored frames into RGB uint8 {@code [size,size,3]}, straight into a buffer. Not
 * thread-safe; close it.
 */
public final class FrameDecoder implements AutoCloseable {
  private final Mat decoded = new Mat();
  private final Mat scaled = new Mat();
  private final Size targetSize = new Size();

  /**
   * Writes one frame at the buffer's position and advances it by {@code size * size * 3}. JPEG at
   * half and quarter size is decoded at that size, without computing the pixels in between; other
   * sizes are averaged down by area.
   *
   * @param image a frame as {@link FrameEncoder} makes it
   * @param size side of the result, at most the stored height and width, which must be equal
   * @throws IllegalArgumentException when the image is not what format and stored size say, or the
   *     buffer has too little room
   */
  public void decode(
      byte[] image,
      FrameFormat format,
      int storedHeight,
      int storedWidth,
      int size,
      ByteBuffer target) {
    if (size < 1 || storedHeight != storedWidth || storedHeight < size) {
      throw new IllegalArgumentException(
          "Invalid size: %d (must be at most the side of the stored square frame of %dx%d)"
              .formatted(size, storedWidth, storedHeight));
    }
    requireRoom(target, size);
    switch (format) {
      case JPEG -> decodeJpeg(image, storedHeight, size, target);
      case RAW -> decodeRaw(image, storedHeight, size, target);
    }
  }

  private void decodeJpeg(byte[] image, int stored, int size, ByteBuffer target) {
    int flags =
        stored == 2 * size
            ? IMREAD_REDUCED_COLOR_2
            : stored == 4 * size ? IMREAD_REDUCED_COLOR_4 : IMREAD_COLOR;
    readJpeg(image, flags, flags == IMREAD_COLOR ? stored : size);
    write(decoded, size, target);
  }

  /**
   * As {@link #decode(byte[], FrameFormat, int, int, int, ByteBuffer)}, of a part of the frame,
   * scaled to the size.
   *
   * @throws IllegalArgumentException when the view leaves the stored frame, too
   */
  public void decode(
      byte[] image,
      FrameFormat format,
      int storedHeight,
      int storedWidth,
      View view,
      int size,
      ByteBuffer target) {
    if (view.x() < 0
        || view.y() < 0
        || view.width() < 1
        || view.height() < 1
        || view.width() > storedWidth - view.x()
        || view.height() > storedHeight - view.y()
        || storedHeight != storedWidth) {
      throw new IllegalArgumentException(
          "Invalid view: %s (must lie in the stored square frame of %dx%d)"
              .formatted(view, storedWidth, storedHeight));
    }
    if (size < 1) {
      throw new IllegalArgumentException("Invalid size: " + size + " (must be at least 1)");
    }
    requireRoom(target, size);
    switch (format) {
      case JPEG -> {
        readJpeg(image, IMREAD_COLOR, storedHeight);
        show(decoded, view, size, target);
      }
      case RAW -> {
        requireRaw(image, storedHeight);
        try (BytePointer pixels = new BytePointer(image);
            Mat rgb = new Mat(storedHeight, storedWidth, CV_8UC3, pixels)) {
          show(rgb, view, size, target);
        }
      }
    }
  }

  private static void requireRoom(ByteBuffer target, int size) {
    long bytes = 3L * size * size;
    if (target.remaining() < bytes) {
      throw new IllegalArgumentException(
          "Invalid buffer: %d bytes remaining (must be at least %d)"
              .formatted(target.remaining(), bytes));
    }
  }

  private void show(Mat rgb, View view, int size, ByteBuffer target) {
    targetSize.width(size).height(size);
    boolean shrinks = view.width() >= size && view.height() >= size;
    try (Rect part = new Rect(view.x(), view.y(), view.width(), view.height());
        Mat seen = new Mat(rgb, part)) {
      resize(seen, scaled, targetSize, 0, 0, shrinks ? INTER_AREA : INTER_LINEAR);
    }
    if (view.mirrored()) {
      flip(scaled, scaled, 1);
    }
    ByteBuffer pixels = scaled.createBuffer();
    target.put(pixels.limit(size * size * 3));
  }

  /** RGB in {@link #decoded}. */
  private void readJpeg(byte[] image, int flags, int expected) {
    if (!isDecoded(image, flags)) {
      throw new IllegalArgumentException(
          "Invalid frame: " + image.length + " bytes (must be a JPEG image)");
    }
    if (decoded.rows() != expected || decoded.cols() != expected) {
      throw new IllegalArgumentException(
          "Invalid frame: decoded to %dx%d (must be %dx%d)"
              .formatted(decoded.cols(), decoded.rows(), expected, expected));
    }
    cvtColor(decoded, decoded, COLOR_BGR2RGB);
  }

  private boolean isDecoded(byte[] image, int flags) {
    if (image.length == 0) {
      return false; // OpenCV takes no empty array
    }
    try (BytePointer pixels = new BytePointer(image);
        Mat encoded = new Mat(1, image.length, CV_8U, pixels);
        Mat result = imdecode(encoded, flags, decoded)) {
      return !result.empty(); // where it is, the frame before may still be in the other
    }
  }

  private void decodeRaw(byte[] image, int stored, int size, ByteBuffer target) {
    requireRaw(image, stored);
    if (size == stored) {
      target.put(image);
      return;
    }
    try (BytePointer pixels = new BytePointer(image);
        Mat rgb = new Mat(stored, stored, CV_8UC3, pixels)) {
      write(rgb, size, target);
    }
  }

  private static void requireRaw(byte[] image, int stored) {
    if (image.length != stored * stored * 3) {
      throw new IllegalArgumentException(
          "Invalid raw frame: %d bytes (must be %d)".formatted(image.length, stored * stored * 3));
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
