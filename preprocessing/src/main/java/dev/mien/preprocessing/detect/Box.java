package dev.mien.preprocessing.detect;

/**
 * An upright box in source pixels.
 *
 * @param x left edge
 * @param y top edge
 * @param width positive
 * @param height positive
 */
public record Box(float x, float y, float width, float height) {
  /** Length of the longer side. */
  public float side() {
    return Math.max(width, height);
  }

  public float centreX() {
    return x + width / 2;
  }

  public float centreY() {
    return y + height / 2;
  }

  /** The part of the box that lies in a frame; of size 0 when none does. */
  public Box within(int frameWidth, int frameHeight) {
    float left = Math.min(Math.max(x, 0), frameWidth);
    float top = Math.min(Math.max(y, 0), frameHeight);
    float right = Math.min(Math.max(x + width, 0), frameWidth);
    float bottom = Math.min(Math.max(y + height, 0), frameHeight);
    return new Box(left, top, right - left, bottom - top);
  }

  /** Intersection over union, in [0,1]. */
  public float intersectionOverUnion(Box other) {
    float common = intersection(other);
    return common / (width * height + other.width * other.height - common);
  }

  /** Share of the smaller of the two boxes that lies in the other, in [0,1]. */
  public float containment(Box other) {
    return intersection(other) / Math.min(width * height, other.width * other.height);
  }

  private float intersection(Box other) {
    float w = Math.min(x + width, other.x + other.width) - Math.max(x, other.x);
    float h = Math.min(y + height, other.y + other.height) - Math.max(y, other.y);
    return Math.max(0, w) * Math.max(0, h);
  }
}
