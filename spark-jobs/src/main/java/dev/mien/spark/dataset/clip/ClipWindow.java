package dev.mien.spark.dataset.clip;

import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.picture.View;
import dev.mien.preprocessing.region.Region;
import dev.mien.preprocessing.region.RegionMapper;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * T frames of a stored clip at even steps, as a network takes them.
 *
 * @param start index of the first frame in the clip
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

  /** How many frames of a clip a window spans, the first and the last included. */
  public static int span(int frames, int stride) {
    return (frames - 1) * stride + 1;
  }

  /** The index in the clip of the window's frame {@code t}. */
  public int frame(int t) {
    return start + t * stride;
  }

  /** The window's region maps, {@code [T,56,56]}. */
  public byte[] regions() {
    byte[] regions = new byte[frames * CELLS];
    for (int t = 0; t < frames; t++) {
      System.arraycopy(clip.regions(), frame(t) * CELLS, regions, t * CELLS, CELLS);
    }
    return regions;
  }

  /**
   * The region maps of a view of the frames, {@code [T,56,56]}: a cell has the bits of every stored
   * cell that it touches. When mirrored, the two eyes change names as well as sides.
   */
  public byte[] regions(View view) {
    byte[] whole = regions();
    if (view.equals(View.whole(clip.height()))) {
      return whole;
    }
    int side = RegionMapper.CELLS;
    byte[] seen = new byte[whole.length];
    for (int i = 0; i < seen.length; i++) {
      int frame = i / CELLS * CELLS;
      int row = i % CELLS / side;
      int column = view.mirrored() ? side - 1 - i % side : i % side;
      int bits = 0;
      for (int y = from(view.y(), view.height(), row); y < to(view.y(), view.height(), row); y++) {
        for (int x = from(view.x(), view.width(), column);
            x < to(view.x(), view.width(), column);
            x++) {
          bits |= whole[frame + y * side + x];
        }
      }
      seen[i] = (byte) (view.mirrored() ? eyesExchanged(bits) : bits);
    }
    return seen;
  }

  /** The first stored cell that a cell of the view touches. */
  private int from(int edge, int length, int cell) {
    return (edge * RegionMapper.CELLS + cell * length) / clip.height();
  }

  /** One past the last stored cell that it touches. */
  private int to(int edge, int length, int cell) {
    return -Math.floorDiv(-(edge * RegionMapper.CELLS + (cell + 1) * length), clip.height());
  }

  private static int eyesExchanged(int bits) {
    int right = Region.RIGHT_EYE.bit();
    int left = Region.LEFT_EYE.bit();
    return (bits & ~(right | left))
        | ((bits & left) != 0 ? right : 0)
        | ((bits & right) != 0 ? left : 0);
  }

  /**
   * Writes a view of the frames, RGB uint8 {@code [T,size,size,3]}, at the buffer's position, and
   * advances it.
   *
   * @throws IllegalArgumentException when a frame cannot be decoded; the message does not name the
   *     clip
   */
  public void decode(FrameDecoder decoder, View view, int size, ByteBuffer pixels) {
    for (int t = 0; t < frames; t++) {
      decoder.decode(clip.frame(frame(t)), view, size, pixels);
    }
  }

  /**
   * The frames, RGB uint8 {@code [T,size,size,3]}, in a new direct buffer.
   *
   * @throws IllegalArgumentException when a frame cannot be decoded, naming the clip
   */
  public ByteBuffer pixels(FrameDecoder decoder, int size) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(frames * size * size * 3);
    for (int t = 0; t < frames; t++) {
      clip.decode(decoder, frame(t), size, pixels);
    }
    return pixels.flip();
  }
}
