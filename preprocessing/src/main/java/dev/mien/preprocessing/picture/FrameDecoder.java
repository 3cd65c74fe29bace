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
   * Writes a view of a frame at the buffer's position and advances it by {@code size * size * 3}. A
   * whole JPEG at half or quarter size is decoded at that size, without computing the pixels in
   * between; for other sizes pixels are averaged by area.
   *
   * @param size side of the result; of a whole frame at most the stored height and width, which
   *     must be equal
   * @throws IllegalArgumentException when the image does not have the format or size that it is
   *     said to have, the view leaves the frame, or the buffer has too little room
   */
  public void decode(StoredFrame frame, View view, int size, ByteBuffer target) {
    boolean whole = view.equals(View.whole(frame.height()));
    if (whole) {
      requireNoLarger(frame, size);
    } else {
      requireInside(frame, view, size);
    }
    requireRoom(target, size);
    switch (frame.format()) {
      case JPEG -> {
        int flags = whole ? reduction(frame.height(), size) : IMREAD_COLOR;
        readJpeg(frame.image(), flags, flags == IMREAD_COLOR ? frame.height() : size);
        show(decoded, whole ? View.whole(decoded.cols()) : view, size, target);
      }
      case RAW -> {
        requireRaw(frame.image(), frame.height());
        if (whole && size == frame.height()) {
          target.put(frame.image());
        } else {
          try (BytePointer pixels = new BytePointer(frame.image());
              Mat rgb = new Mat(frame.height(), frame.width(), CV_8UC3, pixels)) {
            show(rgb, view, size, target);
          }
        }
      }
    }
  }

  private static void requireNoLarger(StoredFrame frame, int size) {
    if (size < 1 || frame.height() != frame.width() || frame.height() < size) {
      throw new IllegalArgumentException(
          "Invalid size: %d (must be at most the side of the stored square frame of %dx%d)"
              .formatted(size, frame.width(), frame.height()));
    }
  }

  private static void requireInside(StoredFrame frame, View view, int size) {
    if (view.x() < 0
        || view.y() < 0
        || view.width() < 1
        || view.height() < 1
        || view.width() > frame.width() - view.x()
        || view.height() > frame.height() - view.y()
        || frame.height() != frame.width()) {
      throw new IllegalArgumentException(
          "Invalid view: %s (must lie in the stored square frame of %dx%d)"
              .formatted(view, frame.width(), frame.height()));
    }
    if (size < 1) {
      throw new IllegalArgumentException("Invalid size: " + size + " (must be at least 1)");
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

  private static int reduction(int stored, int size) {
    return stored == 2 * size
        ? IMREAD_REDUCED_COLOR_2
        : stored == 4 * size ? IMREAD_REDUCED_COLOR_4 : IMREAD_COLOR;
  }

  private void show(Mat rgb, View view, int size, ByteBuffer target) {
    Mat shown = rgb;
    if (rgb.cols() != size || !view.equals(View.whole(size))) {
      scale(rgb, view, size);
      shown = scaled;
    }
    ByteBuffer pixels = shown.createBuffer();
    target.put(pixels.limit(size * size * 3));
  }

  /** Writes to {@link #scaled}. */
  private void scale(Mat rgb, View view, int size) {
    targetSize.width(size).height(size);
    boolean shrinks = view.width() >= size && view.height() >= size;
    try (Rect part = new Rect(view.x(), view.y(), view.width(), view.height());
        Mat seen = new Mat(rgb, part)) {
      resize(seen, scaled, targetSize, 0, 0, shrinks ? INTER_AREA : INTER_LINEAR);
    }
    if (view.mirrored()) {
      flip(scaled, scaled, 1);
    }
  }

  /** Writes RGB to {@link #decoded}. */
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
      return false; // OpenCV does not accept an empty array
    }
    try (BytePointer pixels = new BytePointer(image);
        Mat encoded = new Mat(1, image.length, CV_8U, pixels);
        Mat result = imdecode(encoded, flags, decoded)) {
      return !result.empty(); // it may have failed and left the frame before in the output
    }
  }

  private static void requireRaw(byte[] image, int stored) {
    if (image.length != stored * stored * 3) {
      throw new IllegalArgumentException(
          "Invalid raw frame: %d bytes (must be %d)".formatted(image.length, stored * stored * 3));
    }
  }

  @Override
  public void close() {
    decoded.close();
    scaled.close();
    targetSize.close();
  }
}
