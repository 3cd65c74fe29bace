package dev.mien.spark.dataset;

import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.preprocessing.region.RegionMapper;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Frames of a stored clip at even steps, T of them, as a network takes them.
 *
 * @param start first frame, in the clip
 * @param frames T
 * @param stride frames of the clip from one to the next
 */
public record ClipWindow(StoredClip clip, int start, int frames, int stride) {

  private static final int CELLS = RegionMapper.CELLS * RegionMapper.CELLS;

  /** The window in the middle of a clip, unless the clip is too short for one. */
  public static Optional<ClipWindow> middle(StoredClip clip, int frames, int stride) {
    int spare = clip.frames() - span(frames, stride);
    return spare < 0
        ? Optional.empty()
        : Optional.of(new ClipWindow(clip, spare / 2, frames, stride));
  }

  /** Frames of a clip from a window's first to its last, both counted. */
  public static int span(int frames, int stride) {
    return (frames - 1) * stride + 1;
  }

  /** Where in the clip the window's frame {@code t} lies. */
  public int frame(int t) {
    return start + t * stride;
  }

  /** Region maps {@code [T,56,56]}. */
  public byte[] regions() {
    byte[] regions = new byte[frames * CELLS];
    for (int t = 0; t < frames; t++) {
      System.arraycopy(clip.regions(), frame(t) * CELLS, regions, t * CELLS, CELLS);
    }
    return regions;
  }

  /** Puts RGB uint8 {@code [T,size,size,3]} where the buffer stands, and moves it on. */
  public void decode(FrameDecoder decoder, int size, ByteBuffer pixels) {
    for (int t = 0; t < frames; t++) {
      decoder.decode(
          clip.images().get(frame(t)), clip.format(), clip.height(), clip.width(), size, pixels);
    }
  }

  /** RGB uint8 {@code [T,size,size,3]} in a direct buffer of its own. */
  public ByteBuffer pixels(FrameDecoder decoder, int size) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(frames * size * size * 3);
    decode(decoder, size, pixels);
    return pixels.flip();
  }
}
