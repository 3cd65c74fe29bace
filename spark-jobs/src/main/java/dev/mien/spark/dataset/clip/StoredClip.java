package dev.mien.spark.dataset.clip;

import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.picture.StoredFrame;
import dev.mien.preprocessing.picture.View;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * A clip as it is stored.
 *
 * @param images one per frame: JPEG, or raw RGB {@code [height,width,3]}
 * @param regions {@code [frames,56,56]} uint8, one bit per region
 */
@SuppressWarnings("ArrayRecordComponent") // a reader fills it once, nobody compares it
public record StoredClip(
    String clipId, int height, int width, FrameFormat format, List<byte[]> images, byte[] regions) {

  /** A clip without region maps. */
  public StoredClip(String clipId, int height, int width, FrameFormat format, List<byte[]> images) {
    this(clipId, height, width, format, images, new byte[0]);
  }

  /**
   * Reads a clip from a row.
   *
   * @param row with columns of {@link dev.mien.spark.dataset.Tables#CLIPS}; regions may be missing
   */
  public static StoredClip of(Row row) {
    return of(row.getAs("clip_id"), row);
  }

  /** Reads a clip from a row that does not have its id. */
  public static StoredClip of(String clipId, Row row) {
    return new StoredClip(
        clipId,
        row.<Integer>getAs("height"),
        row.<Integer>getAs("width"),
        FrameFormat.of(row.<String>getAs("format")),
        row.getList(row.fieldIndex("images")),
        row.schema().getFieldIndex("regions").isDefined() ? row.getAs("regions") : new byte[0]);
  }

  public int frames() {
    return images.size();
  }

  public StoredFrame frame(int frame) {
    return new StoredFrame(images.get(frame), format, height, width);
  }

  /**
   * Writes a frame, RGB uint8 {@code [side,side,3]}, at the buffer's position, and advances it.
   *
   * @throws IllegalArgumentException when it cannot be decoded, naming the clip
   */
  public void decode(FrameDecoder decoder, int frame, int side, ByteBuffer pixels) {
    try {
      decoder.decode(frame(frame), View.whole(height), side, pixels);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cannot decode clip %s: %s".formatted(clipId, e.getMessage()), e);
    }
  }

  /** Bytes of memory that the clip takes, accurate enough for a cache. */
  public long bytes() {
    return regions.length + images.stream().mapToLong(image -> image.length).sum();
  }
}
