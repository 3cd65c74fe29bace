package dev.mien.preprocessing.picture;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.FONT_HERSHEY_PLAIN;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_AA;
import static org.bytedeco.opencv.global.opencv_imgproc.getTextSize;
import static org.bytedeco.opencv.global.opencv_imgproc.putText;

import java.nio.ByteBuffer;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Draws square pictures of one size in rows, on white, {@value #GAP} pixels apart. If any has a
 * caption, there is a band of {@value #BAND} pixels below each for it.
 */
public final class ContactSheet {

  /** Default number of pictures in a row, which fits a screen. */
  public static final int COLUMNS = 8;

  public static final int GAP = 2;
  public static final int BAND = 16;

  private static final double FONT_SCALE = 0.8;

  private ContactSheet() {}

  /**
   * A picture of the sheet.
   *
   * @param rgb {@code [side,side,3]} uint8 from the buffer's position on
   * @param caption ASCII text, cut to the picture's width; may be empty
   */
  public record Cell(ByteBuffer rgb, String caption) {}

  /**
   * Draws a sheet as PNG.
   *
   * @param cells row by row; at least one
   * @param side of each picture, pixels
   * @param columns largest number of pictures in a row
   * @throws IllegalArgumentException when there is no cell, or one has too few bytes
   */
  public static byte[] png(List<Cell> cells, int side, int columns) {
    if (cells.isEmpty() || columns < 1) {
      throw new IllegalArgumentException(
          "Invalid sheet: %d pictures in %d columns (must be at least one of each)"
              .formatted(cells.size(), columns));
    }
    boolean captioned = cells.stream().anyMatch(cell -> !cell.caption().isEmpty());
    int across = Math.min(columns, cells.size());
    int down = (cells.size() + across - 1) / across;
    int cellHeight = side + (captioned ? BAND : 0) + GAP;
    int width = extent(across, side);
    int height = down * cellHeight - GAP;

    try (Scalar white = new Scalar(255, 255, 255, 0);
        Mat whole = new Mat(height, width, CV_8UC3, white)) {
      for (int i = 0; i < cells.size(); i++) {
        draw(whole, cells.get(i), i % across * (side + GAP), i / across * cellHeight, side);
      }
      return Drawing.png(whole.createBuffer(), height, width);
    }
  }

  /** Pixels that so many pictures take beside each other, without captions. */
  public static int extent(int pictures, int side) {
    return pictures * (side + GAP) - GAP;
  }

  private static void draw(Mat sheet, Cell cell, int x, int y, int side) {
    Drawing.requirePixels(cell.rgb(), side, side);
    try (BytePointer pixels = new BytePointer(cell.rgb());
        Mat picture = new Mat(side, side, CV_8UC3, pixels);
        Rect place = new Rect(x, y, side, side);
        Mat target = new Mat(sheet, place)) {
      picture.copyTo(target);
    }
    if (!cell.caption().isEmpty()) {
      write(sheet, fitting(cell.caption(), side), x, y + side + BAND - 4);
    }
  }

  private static void write(Mat sheet, String text, int x, int y) {
    try (Scalar black = new Scalar(0, 0, 0, 0);
        Point left = new Point(x, y);
        BytePointer ascii = new BytePointer(text)) {
      putText(sheet, ascii, left, FONT_HERSHEY_PLAIN, FONT_SCALE, black, 1, LINE_AA, false);
    }
  }

  /** As much of the caption as fits the width. */
  private static String fitting(String caption, int width) {
    int length = caption.length();
    while (length > 0 && width(caption.substring(0, length)) > width) {
      length--;
    }
    return caption.substring(0, length);
  }

  private static int width(String text) {
    try (BytePointer ascii = new BytePointer(text);
        Size size = getTextSize(ascii, FONT_HERSHEY_PLAIN, FONT_SCALE, 1, (int[]) null)) {
      return size.width();
    }
  }
}
