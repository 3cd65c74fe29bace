package dev.mien.preprocessing.picture;

import java.util.Locale;

/** How a clip's frames are stored. */
public enum FrameFormat {
  /** One JPEG image per frame. */
  JPEG,
  /** RGB uint8 {@code [H,W,3]}, row by row. */
  RAW;

  /** The format's name in tables. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The format with a name in tables.
   *
   * @throws IllegalArgumentException when there is none with that name
   */
  public static FrameFormat of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
