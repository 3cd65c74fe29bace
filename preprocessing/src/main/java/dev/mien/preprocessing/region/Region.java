package dev.mien.preprocessing.region;

/**
 * MARLIN's seven face regions; each is one bit of a region map's cell. Right and left are the
 * person's own: the right eye is on the image's left.
 */
public enum Region {
  /** Right eye and brow. */
  RIGHT_EYE(0),
  /** Left eye and brow. */
  LEFT_EYE(1),
  NOSE(2),
  /** Both lips and what lies between them. */
  MOUTH(3),
  HAIR(4),
  SKIN(5),
  /** Everything else, neck and clothes included. */
  BACKGROUND(6);

  private final int index;

  Region(int index) {
    this.index = index;
  }

  /** The region's bit in a cell of a region map. */
  public int bit() {
    return 1 << index;
  }
}
