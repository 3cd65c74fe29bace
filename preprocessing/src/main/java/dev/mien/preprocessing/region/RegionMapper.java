package dev.mien.preprocessing.region;

import static org.bytedeco.opencv.global.opencv_core.CMP_EQ;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.bitwise_and;
import static org.bytedeco.opencv.global.opencv_core.bitwise_or;
import static org.bytedeco.opencv.global.opencv_core.compare;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.THRESH_BINARY;
import static org.bytedeco.opencv.global.opencv_imgproc.fillPoly;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;
import static org.bytedeco.opencv.global.opencv_imgproc.threshold;

import dev.mien.preprocessing.crop.CropOptions;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Draws region maps. Every pixel of the 224 px crop belongs to one region; a cell of the `[56,56]`
 * map has bit r set when any of its 4×4 pixels lies in region r, so that OR over cells gives
 * MARLIN's any-pixel rule at every patch size that is a multiple of 4.
 *
 * <p>Eyes with brows, nose and mouth are the landmarks' outlines, and skin is what else lies inside
 * the face oval. Outside it, the person is hair (with ears) above the level of the mouth and
 * background below, where neck and clothes are. Not thread-safe; close it.
 */
public final class RegionMapper implements AutoCloseable {
  /** Cells along a side of a region map. */
  public static final int CELLS = 56;

  private static final int SIZE = CropOptions.SIZE;
  private static final int FRACTION_BITS = 4;
  private static final int LONGEST_OUTLINE = 64;

  private final Mat label = new Mat(SIZE, SIZE, CV_8U);
  private final Mat hair = new Mat(SIZE, SIZE, CV_8U);
  private final Mat pixels = new Mat(SIZE, SIZE, CV_8U);
  private final Mat cells = new Mat(CELLS, CELLS, CV_8U);
  private final Mat map = new Mat(CELLS, CELLS, CV_8U);
  private final Mat black = new Mat(1, 1, CV_8U, new Scalar(0));
  private final Mat[] labels = new Mat[Region.values().length];
  private final Size cellSize = new Size(CELLS, CELLS);
  private final IntPointer outline = new IntPointer(2L * LONGEST_OUTLINE);
  private final Point polygon = new Point(outline); // the same memory, as OpenCV's type
  private final Point origin = new Point(0, 0);

  public RegionMapper() {
    for (Region region : Region.values()) {
      labels[region.index()] = new Mat(1, 1, CV_8U, new Scalar(region.index()));
    }
  }

  /**
   * Writes one frame's map.
   *
   * @param points `[468,2]` landmarks in crop pixels
   * @param person `[224,224]` uint8 person mask, 255 or 0
   * @param regions where the map's 3136 bytes go
   * @param offset index of the first of them
   */
  public void map(float[] points, Mat person, byte[] regions, int offset) {
    label.setTo(labels[Region.BACKGROUND.index()]);
    fillAboveMouth(points);
    bitwise_and(hair, person, hair);
    label.setTo(labels[Region.HAIR.index()], hair);
    fill(points, FaceMesh.OVAL, Region.SKIN);
    fill(points, FaceMesh.NOSE, Region.NOSE);
    fill(points, FaceMesh.MOUTH, Region.MOUTH);
    fill(points, FaceMesh.RIGHT_BROW, Region.RIGHT_EYE);
    fill(points, FaceMesh.LEFT_BROW, Region.LEFT_EYE);
    fill(points, FaceMesh.RIGHT_EYE, Region.RIGHT_EYE);
    fill(points, FaceMesh.LEFT_EYE, Region.LEFT_EYE);
    map.setTo(black);
    for (Region region : Region.values()) {
      compare(label, labels[region.index()], pixels, CMP_EQ);
      // One pixel in sixteen of 255 averages to 16: anything above 0 is "any pixel".
      resize(pixels, cells, cellSize, 0, 0, INTER_AREA);
      threshold(cells, cells, 0, region.bit(), THRESH_BINARY);
      bitwise_or(map, cells, map);
    }
    map.data().get(regions, offset, CELLS * CELLS);
  }

  /** Fills the half plane on the forehead's side of the mouth corners, square to the face. */
  private void fillAboveMouth(float[] points) {
    double upX = points[2 * FaceMesh.FOREHEAD] - points[2 * FaceMesh.CHIN];
    double upY = points[2 * FaceMesh.FOREHEAD + 1] - points[2 * FaceMesh.CHIN + 1];
    double length = Math.max(1e-3, Math.hypot(upX, upY));
    double reach = 4 * SIZE;
    upX *= reach / length;
    upY *= reach / length;
    int right = 2 * FaceMesh.RIGHT_MOUTH_CORNER;
    int left = 2 * FaceMesh.LEFT_MOUTH_CORNER;
    double x = (points[right] + points[left]) / 2;
    double y = (points[right + 1] + points[left + 1]) / 2;
    put(0, x + upY, y - upX);
    put(1, x - upY, y + upX);
    put(2, x - upY + upX, y + upX + upY);
    put(3, x + upY + upX, y - upX + upY);
    hair.setTo(black);
    fill(hair, 4, 255);
  }

  private void fill(float[] points, int[] polygon, Region region) {
    for (int i = 0; i < polygon.length; i++) {
      put(i, points[2 * polygon[i]], points[2 * polygon[i] + 1]);
    }
    fill(label, polygon.length, region.index());
  }

  private void put(int i, double x, double y) {
    // OpenCV draws in pixel indices, whose centres lie half a pixel further on.
    outline.put(2L * i, (int) Math.round((x - 0.5) * (1 << FRACTION_BITS)));
    outline.put(2L * i + 1, (int) Math.round((y - 0.5) * (1 << FRACTION_BITS)));
  }

  private void fill(Mat target, int corners, int value) {
    try (Scalar colour = new Scalar(value)) {
      fillPoly(target, polygon, new int[] {corners}, 1, colour, LINE_8, FRACTION_BITS, origin);
    }
  }

  @Override
  public void close() {
    for (Mat value : labels) {
      value.close();
    }
    label.close();
    hair.close();
    pixels.close();
    cells.close();
    map.close();
    black.close();
    cellSize.close();
    outline.close();
    origin.close();
  }
}
