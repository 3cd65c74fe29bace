package dev.mien.preprocessing.clip;

/**
 * How tracks are cut into clips.
 *
 * @param maximumFrames largest number of frames of a clip, at least 2
 * @param thumbnails largest number of whole-frame thumbnails of a track, in [0,64]; fewer in a
 *     video of many tracks, which has at most 1024
 */
public record ClipOptions(int maximumFrames, int thumbnails) {
  // All are held in memory until the video's end, at some 10 KiB each.
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

  /**
   * The largest number of thumbnails of a track. Where there are more tracks than a video may have
   * thumbnails, the first tracks have one each.
   *
   * @param track its number, from 0
   * @param tracks of the video
   */
  int thumbnails(int track, int tracks) {
    int share = track < MOST_THUMBNAILS_OF_VIDEO ? 1 : 0;
    return Math.min(thumbnails, Math.max(share, MOST_THUMBNAILS_OF_VIDEO / tracks));
  }
}
