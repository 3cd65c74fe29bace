package dev.mien.preprocessing.video;

/**
 * Which videos are decoded, and at what rate.
 *
 * @param maximumFramesPerSecond rate above which frames are dropped by a whole factor, in frames/s
 * @param maximumSide longest accepted frame side in square pixels, at most 11520; also bounds the
 *     memory of the codec, which may hold some 20 frames
 * @param maximumFrames largest accepted number of source frames in a video
 * @param minimumDecodedShare share of the promised frames (of the promised duration where frames
 *     are not counted), in [0,1], below which a video counts as broken; containers often promise a
 *     few more frames than they hold
 */
public record DecodeOptions(
    double maximumFramesPerSecond, int maximumSide, int maximumFrames, double minimumDecodedShare) {
  // A plane of 16 bits per pixel, with its padding, fits what FFmpeg may allocate at once.
  private static final int LARGEST_SIDE = 11_520;

  public DecodeOptions {
    if (!(maximumFramesPerSecond > 0)) {
      throw new IllegalArgumentException(
          "Invalid maximum frame rate: " + maximumFramesPerSecond + " (must be positive)");
    }
    if (maximumSide < 1 || maximumSide > LARGEST_SIDE) {
      throw new IllegalArgumentException(
          ("Invalid maximum side: %d (must be in [1,%d]: a plane of 16 bits a pixel must fit the"
                  + " 256 MiB that FFmpeg may allocate at once)")
              .formatted(maximumSide, LARGEST_SIDE));
    }
    if (maximumFrames < 1) {
      throw new IllegalArgumentException(
          "Invalid maximum frames: " + maximumFrames + " (must be at least 1)");
    }
    if (!(minimumDecodedShare >= 0 && minimumDecodedShare <= 1)) {
      throw new IllegalArgumentException(
          "Invalid minimum decoded share: " + minimumDecodedShare + " (must be in [0,1])");
    }
  }

  /** 30 frames/s, sides up to 4096 px (4K), half an hour of video at 30 frames/s. */
  public static DecodeOptions defaults() {
    return new DecodeOptions(30, 4096, 54_000, 0.9);
  }
}
