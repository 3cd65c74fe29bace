package dev.mien.preprocessing.detect;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a frame in which faces are looked for, in source pixels: the whole frame, or a smaller
 * tile for faces that are too small to be found in the whole.
 *
 * @param largestFace side in pixels of the largest face to look for: a larger one may be cut, and
 *     is found in the whole or in a larger tile
 */
public record Tile(int x, int y, int width, int height, float largestFace) {

  /** Ratio of the sides of a larger tile and a smaller one. */
  private static final int LARGER = 4;

  /** The tile that is the whole frame. */
  public static Tile whole(int width, int height) {
    return new Tile(0, 0, width, height, Math.max(width, height));
  }

  /**
   * The tiles of a frame: the whole, then the smaller ones that are needed to find the smallest
   * face, row by row; in very large frames tiles of more than one size, the smallest first. A face
   * that is too small for the whole lies uncut in a tile that it is large enough for.
   *
   * @param leastFace side in pixels of the smallest face to find, at least 15: enlarged pixels show
   *     no more
   */
  public static List<Tile> of(int frameWidth, int frameHeight, float leastFace) {
    List<Tile> tiles = new ArrayList<>(List.of(whole(frameWidth, frameHeight)));
    float leastOfWhole = FaceDetector.leastFace(frameWidth, frameHeight);
    float first = Math.max(leastFace, FaceDetector.LEAST_PIXELS);
    for (float least = first; least < leastOfWhole; least *= LARGER) {
      int side = (int) (least / FaceDetector.LEAST_SHARE);
      float largest = Math.min(leastOfWhole, LARGER * least);
      for (int y : starts(frameHeight, side, largest)) {
        for (int x : starts(frameWidth, side, largest)) {
          tiles.add(
              new Tile(x, y, Math.min(side, frameWidth), Math.min(side, frameHeight), largest));
        }
      }
    }
    return tiles;
  }

  /** Where tiles begin along one side of a frame, evenly spread. */
  private static int[] starts(int length, int side, float overlap) {
    if (length <= side) {
      return new int[] {0};
    }
    int steps = (int) Math.ceil((length - side) / (side - overlap));
    int[] starts = new int[steps + 1];
    for (int i = 0; i <= steps; i++) {
      starts[i] = (int) ((long) i * (length - side) / steps);
    }
    return starts;
  }

  /** Distance from the tile's centre to that of a box, in source pixels. */
  public double distance(Box face) {
    return Math.hypot(face.centreX() - (x + width / 2.0), face.centreY() - (y + height / 2.0));
  }

  /** Whether a face with this box is to be found in the tile. */
  public boolean shows(Box face) {
    return face.side() <= largestFace
        && face.x() >= x
        && face.y() >= y
        && face.x() + face.width() <= x + width
        && face.y() + face.height() <= y + height;
  }
}
