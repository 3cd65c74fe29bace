package dev.mien.model.objective;

import dev.mien.model.marlin.MarlinArchitecture;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Windows of clips, ready for a step. Nothing is copied: buffers stay untouched until the step that
 * was given them returns.
 *
 * @param size B
 * @param pixels uint8 RGB {@code [B,T,H,W,3]} from position 0 to the limit, direct
 * @param visible {@code [B,tokens]}, 1 = the encoder sees the token, 0 = it is masked; the same
 *     number of ones for every clip
 * @param clipIds the clips' names, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // filled once by the reader, never compared
public record ClipBatch(int size, ByteBuffer pixels, byte[] visible, List<String> clipIds) {
  public ClipBatch {
    if (size < 1) {
      throw new IllegalArgumentException("Invalid batch size: " + size + " (must be positive)");
    }
    if (!pixels.isDirect()) {
      throw new IllegalArgumentException("Invalid pixels: a heap buffer (must be direct)");
    }
    clipIds = List.copyOf(clipIds);
    if (clipIds.size() != size) {
      throw new IllegalArgumentException(
          "Invalid clip ids: %d for a batch of %d".formatted(clipIds.size(), size));
    }
  }

  /**
   * Checks the buffers against the geometry.
   *
   * @throws IllegalArgumentException if a size or a count of visible tokens differs
   */
  public void requireFit(MarlinArchitecture a) {
    long bytes = (long) size * a.clipBytes();
    if (pixels.limit() != bytes) {
      throw new IllegalArgumentException(
          "Invalid pixels: %d bytes for clips %s (must be %d: %d of [%d,%d,%d,3])"
              .formatted(pixels.limit(), clipIds, bytes, size, a.frames(), a.image(), a.image()));
    }
    if (visible.length != size * a.tokens()) {
      throw new IllegalArgumentException(
          "Invalid visible flags: %d for clips %s (must be %d: %d of %d tokens)"
              .formatted(visible.length, clipIds, size * a.tokens(), size, a.tokens()));
    }
    int expected = count(0, a.tokens());
    if (expected == 0 || expected == a.tokens()) {
      throw new IllegalArgumentException(
          "Invalid visible flags: clip %s shows %d of %d tokens (must show some, not all)"
              .formatted(clipIds.get(0), expected, a.tokens()));
    }
    for (int clip = 1; clip < size; clip++) {
      int count = count(clip, a.tokens());
      if (count != expected) {
        throw new IllegalArgumentException(
            "Invalid visible flags: clip %s shows %d tokens, clip %s %d (must be equal)"
                .formatted(clipIds.get(clip), count, clipIds.get(0), expected));
      }
    }
  }

  private int count(int clip, int tokens) {
    int count = 0;
    for (int i = clip * tokens; i < (clip + 1) * tokens; i++) {
      if (visible[i] != 0 && visible[i] != 1) {
        throw new IllegalArgumentException(
            "Invalid visible flag: %d in clip %s (must be 0 or 1)"
                .formatted(visible[i], clipIds.get(clip)));
      }
      count += visible[i];
    }
    return count;
  }

  /** The numbers of the tokens that carry the flag, clip by clip, ascending. */
  public long[] tokens(int flag) {
    int tokens = visible.length / size;
    return IntStream.range(0, visible.length)
        .filter(i -> visible[i] == flag)
        .mapToLong(i -> i % tokens)
        .toArray();
  }
}
