package dev.mien.preprocessing.picture;

/**
 * The part of a stored frame that is looked at.
 *
 * @param x left edge in stored pixels
 * @param y upper edge
 * @param mirrored left and right change sides
 */
public record View(int x, int y, int width, int height, boolean mirrored) {

  /** All of a square frame, as it is. */
  public static View whole(int side) {
    return new View(0, 0, side, side, false);
  }
}
