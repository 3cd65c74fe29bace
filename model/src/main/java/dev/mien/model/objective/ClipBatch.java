package dev.mien.model.objective;

import java.nio.ByteBuffer;
import java.util.List;

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
}
