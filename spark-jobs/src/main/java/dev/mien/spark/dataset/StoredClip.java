package dev.mien.spark.dataset;

import dev.mien.preprocessing.clip.FrameFormat;
import java.util.List;

/**
 * A clip as it is stored.
 *
 * @param images a frame each: JPEG, or raw RGB {@code [height,width,3]}
 * @param regions {@code [frames,56,56]} uint8, a bit a region
 */
@SuppressWarnings("ArrayRecordComponent") // a reader fills it once, nobody compares it
public record StoredClip(
    String clipId, int height, int width, FrameFormat format, List<byte[]> images, byte[] regions) {

  public int frames() {
    return images.size();
  }

  /**
   * What is wrong with its frames, with the clip's name in front, as the reason that is said last.
   */
  public IllegalArgumentException undecodable(IllegalArgumentException reason) {
    var named =
        new IllegalArgumentException(
            "Cannot decode clip %s: %s (restore the file of the dataset that it is in)"
                .formatted(clipId, reason.getMessage()));
    named.addSuppressed(reason);
    return named;
  }

  /** Bytes held, near enough for a cache. */
  public long bytes() {
    return regions.length + images.stream().mapToLong(image -> image.length).sum();
  }
}
