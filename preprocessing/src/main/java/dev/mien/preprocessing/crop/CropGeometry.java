package dev.mien.preprocessing.crop;

import java.util.Arrays;

/** Where the crop lies for the smoothed face boxes of one clip. */
public enum CropGeometry {
  /**
   * MARLIN's crop: a square on the longer side of the box, without margin. The side is constant
   * over the clip (the median of the frames' sides), only the centre moves.
   */
  MARLIN {
    @Override
    public Square[] squares(float[] boxes, int from, int to) {
      double[] sides = new double[to - from];
      for (int i = from; i < to; i++) {
        sides[i - from] = Math.max(boxes[4 * i + 2], boxes[4 * i + 3]);
      }
      Arrays.sort(sides);
      double side = (sides[(sides.length - 1) / 2] + sides[sides.length / 2]) / 2;
      Square[] squares = new Square[to - from];
      for (int i = from; i < to; i++) {
        double centreX = boxes[4 * i] + boxes[4 * i + 2] / 2.0;
        double centreY = boxes[4 * i + 1] + boxes[4 * i + 3] / 2.0;
        squares[i - from] = Square.upright(centreX, centreY, side);
      }
      return squares;
    }
  };

  /**
   * The crop squares of the frames {@code [from,to)}.
   *
   * @param boxes `[n,4]` smoothed boxes x, y, w, h in source pixels
   */
  public abstract Square[] squares(float[] boxes, int from, int to);
}
