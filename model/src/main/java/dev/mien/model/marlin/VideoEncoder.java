package dev.mien.model.marlin;

import java.nio.ByteBuffer;

/** Embeds clips, one vector per clip. Many threads may use it at once. Close it. */
public sealed interface VideoEncoder extends AutoCloseable
    permits ExportedEncoder, FaceVideoEncoder {

  /** Frames of a clip, T. */
  int frames();

  /** Side of the square frames in pixels, H = W. */
  int image();

  /**
   * Embeds clips: the mean over a clip's tokens, then the norm.
   *
   * @param pixels uint8 RGB {@code [batch,T,H,W,3]} from position 0 to the limit, direct
   * @return {@code [batch,width]}
   * @throws IllegalArgumentException if the buffer is of another size
   */
  float[][] embed(int batch, ByteBuffer pixels);

  /**
   * Returns every token of each clip after the norm, like MARLIN's {@code keep_seq}.
   *
   * @param pixels as for {@link #embed}
   * @return {@code [batch,tokens*width]}, tokens by tubelet, row, column
   * @throws UnsupportedOperationException if the encoder gives means only
   */
  float[][] sequence(int batch, ByteBuffer pixels);

  /** Bytes of a clip {@code [T,H,W,3]} of uint8. */
  default int clipBytes() {
    return Math.multiplyExact(frames() * 3, Math.multiplyExact(image(), image()));
  }

  @Override
  void close();
}
