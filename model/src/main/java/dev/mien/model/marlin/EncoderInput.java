package dev.mien.model.marlin;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Converts buffers to an encoder's arrays, and its arrays to rows. */
final class EncoderInput {
  /** The largest number of values in a buffer. */
  private static final int LARGEST = Integer.MAX_VALUE / Float.BYTES;

  private EncoderInput() {}

  /**
   * An array of the pixels, {@code [batch,T,H,W,3]}, in the scope. On the CPU it shares the
   * buffer's memory, which must outlive it unchanged; on another device it is a copy.
   */
  static NDArray clips(NDManager scope, VideoEncoder encoder, int batch, ByteBuffer pixels) {
    if (batch < 1 || !pixels.isDirect() || pixels.limit() != (long) batch * encoder.clipBytes()) {
      throw new IllegalArgumentException(
          "Invalid pixels: %d bytes for %d clips (must be a direct buffer of %d each)"
              .formatted(pixels.limit(), batch, encoder.clipBytes()));
    }
    var shape = new Shape(batch, encoder.frames(), encoder.image(), encoder.image(), 3);
    return scope.create(pixels.duplicate().position(0), shape, DataType.UINT8);
  }

  /**
   * A copy of an array {@code [batch,width]}.
   *
   * @throws IllegalArgumentException if it is too large for one of Java's buffers
   */
  static float[][] rows(NDArray array, int batch) {
    if (array.size() > LARGEST) {
      throw new IllegalArgumentException(
          "Invalid batch: %d clips give %d values (must be at most %d; take fewer clips at a time)"
              .formatted(batch, array.size(), LARGEST));
    }
    float[] values = array.toFloatArray();
    int width = (int) array.getShape().get(1);
    var rows = new float[batch][];
    for (int i = 0; i < batch; i++) {
      rows[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }
    return rows;
  }
}
