package dev.mien.model.marlin;

import static dev.mien.model.Bounds.requirePositive;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the windows of a long video start when it is embedded.
 *
 * @param window frames of the network's clip
 * @param frameStride video frames from one frame of a window to the next
 * @param windowStride window frames from one window to the next
 * @param tail what becomes of frames after the last regular window
 */
public record WindowSampling(int window, int frameStride, int windowStride, Tail tail) {
  /** What becomes of frames that no regular window reaches. */
  public enum Tail {
    /**
     * They are dropped, and so is a last window that fits exactly, as in MARLIN's feature
     * extraction.
     */
    DROPPED,
    /** A last window is added whose span, one stride per frame, ends where the video does. */
    COVERED
  }

  public WindowSampling {
    requirePositive("window", window);
    requirePositive("frame stride", frameStride);
    requirePositive("window stride", windowStride);
  }

  /**
   * The frame numbers of each window, {@code window} of them. A video that is too short for one
   * window is taken frame by frame, as MARLIN does, and its last frame is repeated when there are
   * too few. For a regular window MARLIN needs {@code window * frameStride} frames and one more;
   * the {@code COVERED} mode needs only the frames from a window's first to its last.
   *
   * @param frames frames of the video
   */
  public List<int[]> windows(int frames) {
    requirePositive("frame count", frames);
    boolean tooShort =
        switch (tail) {
          case DROPPED -> frames <= window * frameStride;
          case COVERED -> frames <= (window - 1) * frameStride;
        };
    if (tooShort && tail == Tail.DROPPED) {
      return List.of(indices(0, 1, frames));
    }
    int stride = tooShort ? 1 : frameStride;
    int step = tooShort ? window : windowStride * frameStride;
    int last = Math.max(0, frames - window * stride);
    var windows = new ArrayList<int[]>();
    for (int start = 0; start < last; start += step) {
      windows.add(indices(start, stride, frames));
    }
    if (tail == Tail.COVERED) {
      windows.add(indices(last, stride, frames));
    }
    return List.copyOf(windows);
  }

  private int[] indices(int start, int stride, int frames) {
    var indices = new int[window];
    for (int i = 0; i < window; i++) {
      indices[i] = Math.min(start + i * stride, frames - 1);
    }
    return indices;
  }
}
