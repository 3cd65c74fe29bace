package dev.mien.preprocessing.clip;

/** How a clip's frames are stored. */
public enum FrameFormat {
  /** One JPEG image a frame. */
  JPEG,
  /** RGB uint8 `[H,W,3]`, row by row. */
  RAW
}
