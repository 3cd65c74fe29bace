package dev.mien.preprocessing.crop;

import java.util.Arrays;

/** Where crops lie, given the smoothed face boxes of a clip. */
public enum CropGeometry {
  /**
   * MARLIN's crop: a square on the longer side of the box, without margin. The side is constant
   * over the clip (the median of the frames' sides); only the centre moves.
   */
  MARLIN(2, 0) {
    @Override
    public Square[] squares(float[] boxes, int from, int to) {
      double side = median(boxes, from, to, Math::max);
      Square[] squares = new Square[to - from];
      for (int i = from; i < to; i++) {
        squares[i - from] = Square.upright(centreX(boxes, i), centreY(boxes, i), side);
      }
      return squares;
    }
  },
  /**
   * The crop that VoxCeleb's videos are made with, after SyncNet's pipeline (Chung and Zisserman
   * 2016): with s half the longer side of a frame's box about (cx,cy), rows [cy-s, cy+1.8s] and
   * columns [cx-1.4s, cx+1.4s], grey outside the frame. The side follows the face from frame to
   * frame.
   */
  SYNCNET(4 / 3.0, 110) {
    @Override
    public Square[] squares(float[] boxes, int from, int to) {
      Square[] squares = new Square[to - from];
      for (int i = from; i < to; i++) {
        double half = Math.max(boxes[4 * i + 2], boxes[4 * i + 3]) / 2;
        squares[i - from] =
            Square.upright(
                centreX(boxes, i),
                centreY(boxes, i) + SYNCNET_SCALE * half,
                2 * (1 + SYNCNET_SCALE) * half);
      }
      return squares;
    }
  },
  /**
   * The face alone: a square on the shorter side of the box, aligned to the chin. The side is
   * constant over the clip.
   */
  TIGHT(2, 0) {
    @Override
    public Square[] squares(float[] boxes, int from, int to) {
      double side = median(boxes, from, to, Math::min);
      Square[] squares = new Square[to - from];
      for (int i = from; i < to; i++) {
        double chin = boxes[4 * i + 1] + boxes[4 * i + 3];
        squares[i - from] = Square.upright(centreX(boxes, i), chin - side / 2, side);
      }
      return squares;
    }
  };

  /** SyncNet's crop scale, cs. */
  private static final double SYNCNET_SCALE = 0.4;

  private final double context;
  private final int padding;

  CropGeometry(double context, int padding) {
    this.context = context;
    this.padding = padding;
  }

  /**
   * The crop squares of the frames {@code [from,to)}.
   *
   * @param boxes {@code [n,4]} smoothed boxes x, y, w, h in source pixels
   */
  public abstract Square[] squares(float[] boxes, int from, int to);

  /**
   * Side of the picture in which the person's head is looked for, as a multiple of the crop's side:
   * it shows about the height of two faces.
   */
  public double context() {
    return context;
  }

  /** Grey level outside the frame. */
  public int padding() {
    return padding;
  }

  /** Chooses the side of a box. */
  private interface Side {
    float of(float width, float height);
  }

  private static double median(float[] boxes, int from, int to, Side side) {
    double[] sides = new double[to - from];
    for (int i = from; i < to; i++) {
      sides[i - from] = side.of(boxes[4 * i + 2], boxes[4 * i + 3]);
    }
    Arrays.sort(sides);
    return (sides[(sides.length - 1) / 2] + sides[sides.length / 2]) / 2;
  }

  private static double centreX(float[] boxes, int i) {
    return boxes[4 * i] + boxes[4 * i + 2] / 2.0;
  }

  private static double centreY(float[] boxes, int i) {
    return boxes[4 * i + 1] + boxes[4 * i + 3] / 2.0;
  }
}
