package dev.mien.preprocessing.region;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.bitwise_or;
import static org.bytedeco.opencv.global.opencv_core.extractChannel;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_NEAREST;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.crop.CropOptions;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Draws region maps. Every pixel of the 224 px crop belongs to one region; a cell of the {@code
 * [56,56]} map has bit r set when any of its 4×4 pixels lies in region r, so that OR over cells
 * gives MARLIN's any-pixel rule at every patch size that is a multiple of 4.
 *
 * <p>Eyes with brows, nose and mouth are the landmarks' outlines, and skin is everything else
 * inside the face oval. {@link HairFinder} decides on the pixels outside it. Not thread-safe; close
 * it.
 */
public final class RegionMapper implements AutoCloseable {
  /** Cells along a side of a region map. */
  public static final int CELLS = 56;

  private static final int SIZE = CropOptions.SIZE;
  private static final int CELL = SIZE / CELLS;

  private final FaceOutlines outlines = new FaceOutlines(1);
  private final Mat bits = new Mat(SIZE, SIZE, CV_8U);
  private final Mat[] everyFourthRow = new Mat[CELL];
  private final Mat rows = new Mat(CELLS, SIZE, CV_8U);
  private final Mat rowsByCell = rows.reshape(CELL); // [56,56], a cell's columns as channels
  private final Mat column = new Mat(CELLS, CELLS, CV_8U);
  private final Mat map = new Mat(CELLS, CELLS, CV_8U);
  private final Size size = new Size(SIZE, SIZE);

  public RegionMapper() {
    for (int i = 0; i < CELL; i++) {
      everyFourthRow[i] = new Mat(CELLS, SIZE, CV_8U, bits.ptr(i), (long) CELL * SIZE);
    }
  }

  /**
   * Writes one frame's map.
   *
   * @param points {@code [468,2]} landmarks in crop pixels
   * @param surroundings {@code [112,112]} uint8, the region bit of every 2×2 pixels outside the
   *     face
   * @param regions where the map's 3136 bytes go
   * @param offset index of the first of them
   */
  public void map(float[] points, Mat surroundings, byte[] regions, int offset) {
    resize(surroundings, bits, size, 0, 0, INTER_NEAREST);
    fill(points, FaceMesh.OVAL, Region.SKIN);
    fill(points, FaceMesh.NOSE, Region.NOSE);
    fill(points, FaceMesh.MOUTH, Region.MOUTH);
    fill(points, FaceMesh.RIGHT_BROW, Region.RIGHT_EYE);
    fill(points, FaceMesh.LEFT_BROW, Region.LEFT_EYE);
    fill(points, FaceMesh.RIGHT_EYE, Region.RIGHT_EYE);
    fill(points, FaceMesh.LEFT_EYE, Region.LEFT_EYE);
    bitwise_or(everyFourthRow[0], everyFourthRow[1], rows);
    bitwise_or(rows, everyFourthRow[2], rows);
    bitwise_or(rows, everyFourthRow[3], rows);
    extractChannel(rowsByCell, map, 0);
    for (int i = 1; i < CELL; i++) {
      extractChannel(rowsByCell, column, i);
      bitwise_or(map, column, map);
    }
    map.data().get(regions, offset, CELLS * CELLS);
  }

  private void fill(float[] points, int[] polygon, Region region) {
    outlines.fill(bits, points, polygon, region.bit());
  }

  @Override
  public void close() {
    for (Mat row : everyFourthRow) {
      row.close();
    }
    outlines.close();
    bits.close();
    rowsByCell.close();
    rows.close();
    column.close();
    map.close();
    size.close();
  }
}
