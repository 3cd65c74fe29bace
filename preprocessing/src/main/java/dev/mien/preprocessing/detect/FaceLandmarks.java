package dev.mien.preprocessing.detect;

import dev.mien.preprocessing.crop.Square;

/**
 * The 468 points of MediaPipe's face mesh in one frame.
 *
 * @param points {@code [468,2]} x, y in source pixels
 * @param presence how sure the model is that it looked at a face, in [0,1]
 * @param yaw degrees, positive when the face is turned towards the image's right
 * @param pitch degrees, positive when the face looks down
 * @param roll degrees, positive when the face is tilted clockwise on the image
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
public record FaceLandmarks(float[] points, float presence, float yaw, float pitch, float roll) {
  public static final int POINTS = 468;

  static final int RIGHT_EYE_CORNER = 33;
  static final int LEFT_EYE_CORNER = 263;

  /** The point in the middle of the upper rim. */
  public static final int FOREHEAD = 10;

  /** The point in the middle of the lower rim. */
  public static final int CHIN = 152;

  /** Side of the square in which landmarks are looked for, in sides of the face's box. */
  static final double LANDMARK_MARGIN = 1.5;

  // The mesh ends below the hairline; face boxes reach up to it, such as those of RetinaFace, with
  // which MARLIN was trained.
  private static final float ABOVE_FOREHEAD = 0.12f;

  public float x(int point) {
    return points[2 * point];
  }

  public float y(int point) {
    return points[2 * point + 1];
  }

  /**
   * The face box that every frame of a track uses, whoever found the face: the extent of all
   * landmarks and of the hairline, which is taken to lie 12 % of the distance from chin to forehead
   * above the forehead.
   */
  public Box box() {
    float hairX = x(FOREHEAD) + ABOVE_FOREHEAD * (x(FOREHEAD) - x(CHIN));
    float hairY = y(FOREHEAD) + ABOVE_FOREHEAD * (y(FOREHEAD) - y(CHIN));
    return extent(hairX, hairY);
  }

  /** Where to look for the same face in the next frame. */
  public Square landmarkSquare() {
    Box extent = extent(x(FOREHEAD), y(FOREHEAD));
    double eyesX = x(LEFT_EYE_CORNER) - x(RIGHT_EYE_CORNER);
    double eyesY = y(LEFT_EYE_CORNER) - y(RIGHT_EYE_CORNER);
    double side = Math.max(1, LANDMARK_MARGIN * extent.side());
    return new Square(extent.centreX(), extent.centreY(), side, Math.atan2(eyesY, eyesX));
  }

  private Box extent(float x, float y) {
    float left = x;
    float right = x;
    float top = y;
    float bottom = y;
    for (int i = 0; i < POINTS; i++) {
      left = Math.min(left, x(i));
      right = Math.max(right, x(i));
      top = Math.min(top, y(i));
      bottom = Math.max(bottom, y(i));
    }
    return new Box(left, top, right - left, bottom - top);
  }
}
