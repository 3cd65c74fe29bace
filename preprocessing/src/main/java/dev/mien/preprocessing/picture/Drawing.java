package dev.mien.preprocessing.picture;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.addWeighted;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_NEAREST;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.rectangle;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.region.Region;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.preprocessing.track.Thumbnail;
import java.nio.ByteBuffer;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/** Draws boxes, regions and masks for people to look at. */
public final class Drawing {
  private static final int JPEG_QUALITY = 85;
  private static final double OVERLAY = 0.5;

  private Drawing() {}

  /**
   * Draws face boxes on a thumbnail, as JPEG.
   *
   * @param boxes x, y, w, h in source pixels
   */
  public static byte[] boxed(Thumbnail thumbnail, List<float[]> boxes) {
    double scale = thumbnail.scale();
    try (Mat image = bgr(thumbnail.jpeg());
        Scalar green = new Scalar(80, 220, 80, 0)) {
      for (float[] box : boxes) {
        try (Rect rectangle =
            new Rect(
                (int) Math.round(box[0] * scale),
                (int) Math.round(box[1] * scale),
                (int) Math.round(box[2] * scale),
                (int) Math.round(box[3] * scale))) {
          rectangle(image, rectangle, green, 2, LINE_8, 0);
        }
      }
      return jpeg(image);
    }
  }

  /**
   * Draws the seven colours of a region map over a copy of an image. A cell with several regions
   * shows the first of them in the order eyes, nose, mouth, hair, skin, background.
   *
   * @param rgb {@code [size,size,3]} uint8 from the buffer's position on, which is not changed
   * @param regions {@code [56,56]} map of the frame
   */
  public static ByteBuffer regions(ByteBuffer rgb, int size, byte[] regions) {
    int cells = RegionMapper.CELLS;
    if (regions.length != cells * cells) {
      throw new IllegalArgumentException(
          "Invalid region map: %d bytes (must be %d)".formatted(regions.length, cells * cells));
    }
    byte[] colours = new byte[3 * regions.length];
    for (int i = 0; i < regions.length; i++) {
      int colour = colour(regions[i]);
      colours[3 * i] = (byte) (colour >> 16);
      colours[3 * i + 1] = (byte) (colour >> 8);
      colours[3 * i + 2] = (byte) colour;
    }
    ByteBuffer result = copy(rgb, size);
    try (BytePointer pixels = new BytePointer(result);
        Mat image = new Mat(size, size, CV_8UC3, pixels);
        BytePointer map = new BytePointer(colours);
        Mat small = new Mat(cells, cells, CV_8UC3, map);
        Mat overlay = new Mat();
        Size whole = new Size(size, size)) {
      resize(small, overlay, whole, 0, 0, INTER_NEAREST);
      addWeighted(image, 1 - OVERLAY, overlay, OVERLAY, 0, image);
    }
    return result;
  }

  /**
   * Draws masked patches in grey over a copy of an image, with edges on the nearest pixels.
   *
   * @param rgb {@code [size,size,3]} uint8 from the buffer's position on, which is not changed
   * @param visible one value per patch, row by row; false where masked
   */
  public static ByteBuffer masked(ByteBuffer rgb, int size, boolean[] visible) {
    int patches = (int) Math.round(Math.sqrt(visible.length));
    if (patches * patches != visible.length || patches == 0 || patches > size) {
      throw new IllegalArgumentException(
          "Invalid mask: %d patches (must be a square grid, on %d pixels)"
              .formatted(visible.length, size));
    }
    ByteBuffer result = copy(rgb, size);
    try (BytePointer pixels = new BytePointer(result);
        Mat image = new Mat(size, size, CV_8UC3, pixels);
        Scalar grey = new Scalar(128, 128, 128, 0)) {
      for (int i = 0; i < visible.length; i++) {
        if (!visible[i]) {
          int x = edge(i % patches, size, patches);
          int y = edge(i / patches, size, patches);
          int width = edge(i % patches + 1, size, patches) - x;
          int height = edge(i / patches + 1, size, patches) - y;
          try (Rect patch = new Rect(x, y, width, height);
              Mat target = new Mat(image, patch)) {
            target.put(grey);
          }
        }
      }
    }
    return result;
  }

  private static int edge(int patch, int size, int patches) {
    return (int) Math.round((double) patch * size / patches);
  }

  /**
   * Encodes an image as JPEG.
   *
   * @param rgb {@code [height,width,3]} uint8 from the buffer's position on, which is not changed
   */
  public static byte[] jpeg(ByteBuffer rgb, int height, int width) {
    try (Mat image = bgr(rgb, height, width)) {
      return jpeg(image);
    }
  }

  /**
   * Encodes an image as PNG.
   *
   * @param rgb {@code [height,width,3]} uint8 from the buffer's position on, which is not changed
   */
  public static byte[] png(ByteBuffer rgb, int height, int width) {
    try (Mat image = bgr(rgb, height, width);
        BytePointer encoded = new BytePointer()) {
      if (!imencode(".png", image, encoded)) {
        throw new IllegalStateException(
            "Cannot encode an image of " + width + "x" + height + " as PNG");
      }
      byte[] bytes = new byte[(int) encoded.limit()];
      encoded.get(bytes);
      return bytes;
    }
  }

  private static byte[] jpeg(Mat image) {
    try (FrameEncoder encoder = new FrameEncoder(JPEG_QUALITY)) {
      return encoder.jpeg(image);
    }
  }

  private static ByteBuffer copy(ByteBuffer rgb, int size) {
    requirePixels(rgb, size, size);
    ByteBuffer copy = ByteBuffer.allocateDirect(size * size * 3);
    return copy.put(rgb.duplicate().limit(rgb.position() + copy.capacity())).flip();
  }

  private static Mat bgr(byte[] encoded) {
    try (BytePointer bytes = new BytePointer(encoded);
        Mat row = new Mat(1, encoded.length, CV_8U, bytes)) {
      Mat image = imdecode(row, IMREAD_COLOR);
      if (image.empty()) {
        throw new IllegalArgumentException(
            "Invalid image: " + encoded.length + " bytes (must be JPEG or PNG)");
      }
      return image;
    }
  }

  private static Mat bgr(ByteBuffer rgb, int height, int width) {
    requirePixels(rgb, height, width);
    byte[] bytes = new byte[height * width * 3];
    rgb.duplicate().get(bytes);
    try (BytePointer pixels = new BytePointer(bytes);
        Mat image = new Mat(height, width, CV_8UC3, pixels)) {
      Mat bgr = new Mat();
      cvtColor(image, bgr, COLOR_RGB2BGR);
      return bgr;
    }
  }

  /**
   * @throws IllegalArgumentException when an image of this size has no pixels, or the buffer lacks
   *     some of them
   */
  static void requirePixels(ByteBuffer rgb, int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "Invalid image size: %dx%d (must be at least 1x1)".formatted(width, height));
    }
    long bytes = 3L * height * width;
    if (rgb.remaining() < bytes) {
      throw new IllegalArgumentException(
          "Invalid image: %d bytes (must be at least %d for %dx%d RGB)"
              .formatted(rgb.remaining(), bytes, width, height));
    }
  }

  /** The colour that a region is drawn in, 0xRRGGBB. */
  public static int colour(Region region) {
    return switch (region) {
      case RIGHT_EYE -> 0xE6194B;
      case LEFT_EYE -> 0x4363D8;
      case NOSE -> 0xFFE119;
      case MOUTH -> 0xF032E6;
      case HAIR -> 0x9A6324;
      case SKIN -> 0xFABED4;
      case BACKGROUND -> 0x3CB44B;
    };
  }

  /** The colour of the first region in a cell; black when there is none. */
  private static int colour(byte cell) {
    for (Region region : Region.values()) {
      if ((cell & region.bit()) != 0) {
        return colour(region);
      }
    }
    return 0;
  }
}
