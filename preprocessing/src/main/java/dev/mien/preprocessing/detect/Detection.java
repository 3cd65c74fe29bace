package dev.mien.preprocessing.detect;

import dev.mien.preprocessing.crop.Square;

/**
 * A face as a detector reports it.
 *
 * @param box BlazeFace's own box: brows to chin, tight
 * @param score in [0,1]
 * @param roll clockwise turn of the line from the person's right to left eye, in radians
 */
public record Detection(Box box, float score, double roll) {
  // Position and size of the landmarks' box (see FaceLandmarks#box) relative to BlazeFace's, in
  // units of its side: medians over 129 faces of real videos. They matter only for faces without
  // landmarks, such as profiles.
  private static final float WIDER = 0.91f;
  private static final float HIGHER = 1.23f;
  private static final float UP = 0.136f;

  Detection movedBy(int x, int y) {
    return new Detection(new Box(box.x() + x, box.y() + y, box.width(), box.height()), score, roll);
  }

  /** Where to look for the face's landmarks. */
  public Square landmarkSquare() {
    double side = FaceLandmarks.LANDMARK_MARGIN * box.side();
    return new Square(box.centreX(), box.centreY(), side, roll);
  }

  /** The box in the geometry of {@link FaceLandmarks#box()}. */
  public Box faceBox() {
    float width = WIDER * box.width();
    float height = HIGHER * box.height();
    return new Box(
        box.centreX() - width / 2, box.centreY() - UP * box.height() - height / 2, width, height);
  }
}
