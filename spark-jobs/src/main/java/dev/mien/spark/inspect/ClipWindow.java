package dev.mien.spark.inspect;

import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.spark.dataset.StoredClip;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Frames of a stored clip at even steps, as a training sample holds them. */
record ClipWindow(StoredClip clip, int start, int frames, int stride) {

  private static final int CELLS = RegionMapper.CELLS * RegionMapper.CELLS;

  /** The window in the middle of a clip, unless the clip is too short for one. */
  static Optional<ClipWindow> middle(StoredClip clip, int frames, int stride) {
    int spare = clip.frames() - ((frames - 1) * stride + 1);
    return spare < 0
        ? Optional.empty()
        : Optional.of(new ClipWindow(clip, spare / 2, frames, stride));
  }

  /** Where in the clip the window's frame {@code t} lies. */
  int frame(int t) {
    return start + t * stride;
  }

  /** {@code [T,56,56]} region maps. */
  byte[] regions() {
    byte[] regions = new byte[frames * CELLS];
    for (int t = 0; t < frames; t++) {
      System.arraycopy(clip.regions(), frame(t) * CELLS, regions, t * CELLS, CELLS);
    }
    return regions;
  }

  /** RGB uint8 {@code [T,size,size,3]}, direct. */
  ByteBuffer pixels(FrameDecoder decoder, int size) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(frames * size * size * 3);
    for (int t = 0; t < frames; t++) {
      decoder.decode(
          clip.images().get(frame(t)), clip.format(), clip.height(), clip.width(), size, pixels);
    }
    return pixels.flip();
  }
}
