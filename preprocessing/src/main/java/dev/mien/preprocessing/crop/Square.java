package dev.mien.preprocessing.crop;

/**
 * A square in a frame, possibly turned and possibly reaching outside it. Coordinates are pixels
 * with pixel i covering [i,i+1).
 *
 * @param centreX centre, in source pixels
 * @param centreY centre, in source pixels
 * @param side length of the side in source pixels
 * @param radians clockwise turn of the square as seen on the image
 */
public record Square(double centreX, double centreY, double side, double radians) {
  public Square {
    if (!(side > 0)) {
      throw new IllegalArgumentException("Invalid square side: " + side + " (must be positive)");
    }
  }

  /** An upright square. */
  public static Square upright(double centreX, double centreY, double side) {
    return new Square(centreX, centreY, side, 0);
  }

  /** The square with its side scaled about the centre. */
  public Square scaled(double factor) {
    return new Square(centreX, centreY, side * factor, radians);
  }

  /**
   * Source x of a point that is given relative to the square's centre, along its own axes, in units
   * of its side.
   */
  public double sourceX(double along, double down) {
    return centreX + side * (along * Math.cos(radians) - down * Math.sin(radians));
  }

  /**
   * Source y of a point that is given relative to the square's centre, along its own axes, in units
   * of its side.
   */
  public double sourceY(double along, double down) {
    return centreY + side * (along * Math.sin(radians) + down * Math.cos(radians));
  }
}
