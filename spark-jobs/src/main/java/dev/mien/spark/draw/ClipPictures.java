package dev.mien.spark.draw;

import dev.mien.preprocessing.picture.Drawing;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.spark.dataset.clip.StoredClip;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Draws frames of a stored clip.
 *
 * @param side of the pictures {@code [side,side,3]}, in pixels, at most the stored side
 */
public record ClipPictures(StoredClip clip, int side, FrameDecoder decoder) {

  private static final int CELLS = RegionMapper.CELLS * RegionMapper.CELLS;

  /**
   * A frame, RGB uint8.
   *
   * @throws IllegalArgumentException when it cannot be decoded, naming the clip
   */
  public ByteBuffer frame(int frame) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(side * side * 3);
    clip.decode(decoder, frame, side, pixels);
    return pixels.flip();
  }

  /** A picture of a frame under the colours of the frame's region map. */
  public ByteBuffer underRegions(ByteBuffer picture, int frame) {
    return Drawing.regions(
        picture, side, Arrays.copyOfRange(clip.regions(), frame * CELLS, (frame + 1) * CELLS));
  }
}
