package dev.mien.preprocessing.clip;

/**
 * How tracks are cut into clips.
 *
 * @param maximumFrames most frames of a clip, at least 2
 * @param thumbnails most whole-frame thumbnails of a track; fewer in a video of many tracks
 */
public record ClipOptions(int maximumFrames, int thumbnails) {
  // All are held until the video's end, at some 10 KiB each.
  private static final int MOST_THUMBNAILS_OF_VIDEO = 1024;

  public ClipOptions {
    if (maximumFrames < 2) {
      throw new IllegalArgumentException(
          "Invalid maximum frames: " + maximumFrames + " (must be at least 2)");
    }
    if (thumbnails < 0 || thumbnails > 64) {
      throw new IllegalArgumentException(
          "Invalid thumbnails: " + thumbnails + " (must be in [0,64])");
    }
  }

  /** Clips of up to 64 frames: four windows of MARLIN's 16. */
  public static ClipOptions defaults() {
    return new ClipOptions(64, 8);
  }

  /** Most thumbnails of each track of a video with so many tracks. */
  int thumbnails(int tracks) {
    return Math.min(thumbnails, Math.max(1, MOST_THUMBNAILS_OF_VIDEO / tracks));
  }
}
