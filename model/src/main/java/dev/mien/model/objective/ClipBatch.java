package dev.mien.model.objective;

import static dev.mien.model.Bounds.requirePositive;

import dev.mien.model.marlin.MarlinArchitecture;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Windows of clips, ready for a step. Nothing is copied: the buffers must not change until the step
 * returns.
 *
 * @param size B
 * @param pixels uint8 RGB {@code [B,T,H,W,3]} from position 0 to the limit, direct
 * @param visible {@code [B,tokens]}: {@link #VISIBLE}, {@link #MASKED} or {@link #LEFT_OUT}; the
 *     number of each is the same for all clips
 * @param clipIds the clips' ids, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // filled once by the reader, never compared
public record ClipBatch(int size, ByteBuffer pixels, byte[] visible, List<String> clipIds) {
  /** A token that the encoder sees. */
  public static final byte VISIBLE = 1;

  /** A token that the decoder reconstructs. */
  public static final byte MASKED = 0;

  /** A masked token that a step does not reconstruct. */
  public static final byte LEFT_OUT = 2;

  public ClipBatch {
    requirePositive("batch size", size);
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
    int[] expected = counts(0, a.tokens());
    if (expected[VISIBLE] == 0 || expected[MASKED] == 0) {
      throw new IllegalArgumentException(
          "Invalid visible flags: clip %s shows %d of %d tokens and asks for %d (must be some)"
              .formatted(clipIds.get(0), expected[VISIBLE], a.tokens(), expected[MASKED]));
    }
    for (int clip = 1; clip < size; clip++) {
      int[] counts = counts(clip, a.tokens());
      if (!Arrays.equals(counts, expected)) {
        throw new IllegalArgumentException(
            "Invalid visible flags: clip %s shows %d tokens and asks for %d, clip %s %d and %d"
                    .formatted(
                        clipIds.get(clip),
                        counts[VISIBLE],
                        counts[MASKED],
                        clipIds.get(0),
                        expected[VISIBLE],
                        expected[MASKED])
                + " (must be equal)");
      }
    }
  }

  private int[] counts(int clip, int tokens) {
    var counts = new int[3];
    for (int i = clip * tokens; i < (clip + 1) * tokens; i++) {
      if (visible[i] < 0 || visible[i] > LEFT_OUT) {
        throw new IllegalArgumentException(
            "Invalid visible flag: %d in clip %s (must be 0, 1 or 2)"
                .formatted(visible[i], clipIds.get(clip)));
      }
      counts[visible[i]]++;
    }
    return counts;
  }

  /** The numbers of the visible tokens, clip by clip, ascending. */
  public long[] seen() {
    return tokens(flag -> flag == VISIBLE);
  }

  /** The numbers of the tokens to reconstruct, clip by clip, ascending. */
  public long[] asked() {
    return tokens(flag -> flag == MASKED);
  }

  /** The numbers of all masked tokens, clip by clip, ascending. */
  public long[] hidden() {
    return tokens(flag -> flag != VISIBLE);
  }

  private long[] tokens(IntPredicate wanted) {
    int tokens = visible.length / size;
    return IntStream.range(0, visible.length)
        .filter(i -> wanted.test(visible[i]))
        .mapToLong(i -> i % tokens)
        .toArray();
  }
}
