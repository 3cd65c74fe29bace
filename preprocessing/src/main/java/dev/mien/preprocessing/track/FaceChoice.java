package dev.mien.preprocessing.track;

/** Whose tracks are kept when a video's metadata does not say. */
public enum FaceChoice {
  /** Everybody's. */
  EVERYBODY,
  /**
   * Where several faces are found, those of the person in the upper centre: VoxCeleb2's own 224×224
   * videos are cut around that person.
   */
  UPPER_CENTRAL
}
