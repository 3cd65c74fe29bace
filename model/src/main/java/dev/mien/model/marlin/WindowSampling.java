package dev.mien.model.marlin;

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
    /** As MARLIN's feature extraction: they are dropped, as is a last window that fits exactly. */
    DROPPED,
    /** A last window ends at the last frame. */
    COVERED
  }

  public WindowSampling {
    requirePositive("window", window);
    requirePositive("frame stride", frameStride);
    requirePositive("window stride", windowStride);
  }

  /** MARLIN's {@code extract_video}: 16 frames at stride 2, windows 16 apart. */
  public static WindowSampling marlin() {
    return new WindowSampling(16, 2, 16, Tail.DROPPED);
  }

  /** MARLIN's strides, and no frame at the end is lost. */
  public static WindowSampling covering() {
    return new WindowSampling(16, 2, 16, Tail.COVERED);
  }

  /** Frame numbers of each window, {@code window} apiece, for a video of {@code frames} frames. */
  public List<int[]> windows(int frames) {
    requirePositive("frame count", frames);
    int span = window * frameStride;
    var windows = new ArrayList<int[]>();
    if (frames <= span) {
      // too short to sample: consecutive frames, the last one repeated when there are too few
      windows.add(indices(0, 1, frames));
      return windows;
    }
    int last = frames - span;
    int step = windowStride * frameStride;
    for (int start = 0; start < last; start += step) {
      windows.add(indices(start, frameStride, frames));
    }
    if (tail == Tail.COVERED) {
      windows.add(indices(last, frameStride, frames));
    }
    return windows;
  }

  private int[] indices(int start, int stride, int frames) {
    var indices = new int[window];
    for (int i = 0; i < window; i++) {
      indices[i] = Math.min(start + i * stride, frames - 1);
    }
    return indices;
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("Invalid " + what + ": " + value + " (must be positive)");
    }
  }
}
