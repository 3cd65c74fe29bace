package dev.mien.preprocessing.track;

import java.util.Objects;

/**
 * How faces are followed.
 *
 * @param detectionInterval frames between two detections while faces are known
 * @param landmarkInterval frames between two runs of the landmark model while faces are apart and
 *     none is lost; landmarks are interpolated between them
 * @param searchInterval frames between two detections while no face is known; four times as many
 *     while nothing moves either
 * @param maximumGap longest gap in frames that is bridged; a longer one ends the track
 * @param minimumFrames shortest track kept, in frames
 * @param minimumFaceSide least side of a face in source pixels when a detector finds it; a followed
 *     face may become smaller, which {@code FilterOptions} refuses clip by clip
 * @param minimumLandmarkShare share of a track's frames, in [0,1], in which the landmark model must
 *     confirm the face: it refuses profiles, but also everything that is not a face
 * @param maximumFaces largest number of faces followed at a time
 * @param smoothingWindow frames of the median filter over boxes, odd, at most 101; SyncNet's
 *     tracker uses 13, and so does its crop, whatever this is
 * @param choice whose tracks are kept when no face is expected
 */
public record TrackOptions(
    int detectionInterval,
    int landmarkInterval,
    int searchInterval,
    int maximumGap,
    int minimumFrames,
    float minimumFaceSide,
    float minimumLandmarkShare,
    int maximumFaces,
    int smoothingWindow,
    FaceChoice choice) {
  // 4 s at 25 frames/s. The time to smooth a track's ends grows with its cube.
  private static final int LARGEST_SMOOTHING_WINDOW = 101;

  public TrackOptions {
    Objects.requireNonNull(choice, "choice");
    atLeast("detection interval", detectionInterval, 1);
    atLeast("landmark interval", landmarkInterval, 1);
    atLeast("search interval", searchInterval, 1);
    atLeast("maximum gap", maximumGap, 0);
    atLeast("minimum frames", minimumFrames, 1);
    atLeast("maximum faces", maximumFaces, 1);
    atLeast("smoothing window", smoothingWindow, 1);
    if (smoothingWindow % 2 == 0) {
      throw new IllegalArgumentException(
          "Invalid smoothing window: " + smoothingWindow + " (must be odd)");
    }
    if (smoothingWindow > LARGEST_SMOOTHING_WINDOW) {
      throw new IllegalArgumentException(
          ("Invalid smoothing window: %d (must be at most %d: at a track's ends all pairs of its"
                  + " frames are compared)")
              .formatted(smoothingWindow, LARGEST_SMOOTHING_WINDOW));
    }
    if (!(minimumFaceSide >= 1)) {
      throw new IllegalArgumentException(
          "Invalid minimum face side: " + minimumFaceSide + " (must be at least 1)");
    }
    if (!(minimumLandmarkShare >= 0 && minimumLandmarkShare <= 1)) {
      throw new IllegalArgumentException(
          "Invalid minimum landmark share: " + minimumLandmarkShare + " (must be in [0,1])");
    }
  }

  /** Landmarks every second frame, faces from 40 px, tracks from 16 frames, gaps up to 5 frames. */
  public static TrackOptions defaults() {
    return new TrackOptions(10, 2, 2, 5, 16, 40, 0.25f, 16, 13, FaceChoice.EVERYBODY);
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "Invalid " + name + ": " + value + " (must be at least " + least + ")");
    }
  }
}
