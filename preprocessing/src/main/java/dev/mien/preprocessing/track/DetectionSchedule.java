package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * When detectors look for faces that landmarks do not follow: at the beginning of a shot, then
 * every {@link TrackOptions#detectionInterval()} frames, four times as rarely while all but the
 * faces is still. Not thread-safe; close it.
 */
final class DetectionSchedule implements AutoCloseable {
  private static final int STILL_INTERVALS = 4;

  private final TrackOptions options;
  private final SearchedScene scene = new SearchedScene();
  private boolean isAnyoneGone;
  private int searchedFrame;
  private int next;

  DetectionSchedule(TrackOptions options) {
    this.options = options;
  }

  void beginShot(int frame) {
    isAnyoneGone = false;
    next = frame;
  }

  boolean isDue(int frame) {
    return frame >= next;
  }

  /** Notes that a face was lost for good in this shot: who went may come back. */
  void missSomeone() {
    isAnyoneGone = true;
  }

  /** Whether a look that is due could find anybody besides the faces followed. */
  boolean isWorthALook(int frame, Mat image, List<Box> faces) {
    return isAnyoneGone
        || frame - searchedFrame >= STILL_INTERVALS * options.detectionInterval()
        || scene.hasChanged(image, faces);
  }

  /** Notes that detectors have seen a frame. */
  void searched(int frame, Mat image) {
    scene.remember(image);
    searchedFrame = frame;
  }

  /** Sets the next look, when this frame had one or was to have it. */
  void plan(int frame, boolean areFacesFollowed) {
    if (isDue(frame) || searchedFrame == frame) {
      next = frame + (areFacesFollowed ? options.detectionInterval() : options.searchInterval());
    }
  }

  @Override
  public void close() {
    scene.close();
  }
}
