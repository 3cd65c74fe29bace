package dev.mien.spark.embed;

import ai.djl.Device;
import dev.mien.model.marlin.VideoEncoder;
import dev.mien.model.marlin.WindowSampling;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.resident.Shared;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** One task's use of an encoder: stored frames in, embeddings out. Not thread-safe. Close it. */
final class ClipEncoder implements AutoCloseable {

  /**
   * A window of a stored clip.
   *
   * @param frames of the clip, in order, with repetitions where the clip is short
   */
  @SuppressWarnings("ArrayRecordComponent") // moved once, never compared
  record Window(StoredClip clip, int[] frames) {

    int firstFrame() {
      return frames[0];
    }
  }

  private final Shared<?, VideoEncoder>.Lease shared;
  private final VideoEncoder encoder;
  private final int batchSize;
  private final FrameDecoder decoder = new FrameDecoder();

  /**
   * Pixels of a batch, as large as the largest batch so far, which may be smaller than the batch
   * size.
   */
  private ByteBuffer pixels = ByteBuffer.allocateDirect(0);

  private ClipEncoder(Shared<?, VideoEncoder>.Lease shared, int batchSize) {
    this.shared = shared;
    this.encoder = shared.thing();
    this.batchSize = batchSize;
  }

  /**
   * Opens a model on a device, or shares it with tasks that have opened it there.
   *
   * @param batchSize the largest number of windows in a forward pass
   */
  static ClipEncoder open(Configuration hadoop, EncoderModel model, int batchSize, Device device)
      throws IOException {
    var shared = SharedEncoders.borrow(hadoop, model, device);
    try {
      requireFits(batchSize, shared.thing().clipBytes());
      return new ClipEncoder(shared, batchSize);
    } catch (RuntimeException | Error e) {
      shared.close();
      throw e;
    }
  }

  private static void requireFits(int batchSize, int clipBytes) {
    int most = Integer.MAX_VALUE / clipBytes;
    if (batchSize > most) {
      throw new IllegalArgumentException(
          "Invalid batch size: %d windows of %d bytes (must be at most %d)"
              .formatted(batchSize, clipBytes, most));
    }
  }

  int batchSize() {
    return batchSize;
  }

  /** The windows of a clip, in order. */
  List<Window> windows(StoredClip clip, EmbeddingOptions options) {
    return new WindowSampling(
            encoder.frames(), options.stride(), options.windowStride(), options.tail())
        .windows(clip.frames()).stream().map(frames -> new Window(clip, frames)).toList();
  }

  /**
   * Embeds a batch of windows. A window's embedding may differ in its last bits between batches of
   * different sizes, whose products are summed in another order.
   *
   * @param windows at most as many as the batch size
   * @return one embedding per window
   * @throws IllegalArgumentException when a frame cannot be decoded, naming the clip
   */
  List<float[]> embed(List<Window> windows, EmbeddingOptions.Output output) {
    int bytes = windows.size() * encoder.clipBytes();
    if (pixels.capacity() < bytes) {
      pixels = ByteBuffer.allocateDirect(bytes);
    }
    pixels.clear();
    for (Window window : windows) {
      for (int frame : window.frames()) {
        window.clip().decode(decoder, frame, encoder.image(), pixels);
      }
    }
    pixels.flip();
    return List.of(
        switch (output) {
          case POOLED -> encoder.embed(windows.size(), pixels);
          case SEQUENCE -> encoder.sequence(windows.size(), pixels);
        });
  }

  @Override
  public void close() {
    decoder.close();
    shared.close();
  }
}
