package dev.mien.preprocessing.picture;

/**
 * The part of a stored frame that is shown.
 *
 * @param x left edge in stored pixels
 * @param y upper edge
 * @param mirrored whether left and right are exchanged
 */
public record View(int x, int y, int width, int height, boolean mirrored) {

  /** The whole of a square frame, not mirrored. */
  public static View whole(int side) {
    return new View(0, 0, side, side, false);
  }
}
