package dev.mien.spark.embed;

import ai.djl.Device;
import dev.mien.model.marlin.EncoderExport;
import dev.mien.model.marlin.ExportedEncoder;
import dev.mien.model.marlin.FaceVideoEncoder;
import dev.mien.model.marlin.VideoEncoder;
import dev.mien.model.marlin.WindowSampling;
import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.dataset.StoredClip;
import dev.mien.spark.run.Checkpoints;
import dev.mien.spark.storage.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A resident encoder and its input: stored frames in, embeddings out. Close it. */
final class ClipEncoder implements AutoCloseable {

  /**
   * A window of a stored clip, whose regions it does without.
   *
   * @param frames of the clip, in order, with repetitions where the clip is short
   */
  @SuppressWarnings("ArrayRecordComponent") // moved once, never compared
  record Window(StoredClip clip, int[] frames) {

    int firstFrame() {
      return frames[0];
    }
  }

  private final VideoEncoder encoder;
  private final int batchSize;
  private final FrameDecoder decoder = new FrameDecoder();

  /** As large as the largest batch so far, which may be smaller than the batch size. */
  private ByteBuffer pixels = ByteBuffer.allocateDirect(0);

  private ClipEncoder(VideoEncoder encoder, int batchSize) {
    this.encoder = encoder;
    this.batchSize = batchSize;
  }

  /**
   * Opens a model on a device.
   *
   * @param modelUrl folder of a run, of a checkpoint or of an exported model
   * @param batchSize most windows in a forward pass
   */
  static ClipEncoder open(Configuration hadoop, String modelUrl, int batchSize, Device device)
      throws IOException {
    Path folder = new Path(modelUrl);
    if (EncoderModel.isExported(folder.getFileSystem(hadoop), folder)) {
      return of(exported(hadoop, folder, device), batchSize);
    }
    Checkpoints.Model model = Checkpoints.model(hadoop, modelUrl);
    return of(FaceVideoEncoder.open(model.architecture(), model.parameters(), device), batchSize);
  }

  private static ClipEncoder of(VideoEncoder encoder, int batchSize) {
    int most = Integer.MAX_VALUE / encoder.clipBytes();
    if (batchSize > most) {
      encoder.close();
      throw new IllegalArgumentException(
          "Invalid batch size: %d windows of %d bytes (must be at most %d)"
              .formatted(batchSize, encoder.clipBytes(), most));
    }
    return new ClipEncoder(encoder, batchSize);
  }

  /** Through a copy on this machine, which libtorch needs only while it loads. */
  private static ExportedEncoder exported(Configuration hadoop, Path folder, Device device)
      throws IOException {
    java.nio.file.Path local = Files.createTempDirectory("mien-model");
    List<java.nio.file.Path> copies =
        List.of(local.resolve(EncoderExport.PROPERTIES), local.resolve(EncoderExport.NETWORK));
    try {
      for (java.nio.file.Path copy : copies) {
        Path source = new Path(folder, copy.getFileName().toString());
        Reading.read(
            source,
            () -> {
              try (InputStream in = source.getFileSystem(hadoop).open(source)) {
                return Files.copy(in, copy);
              }
            });
      }
      return ExportedEncoder.open(local, device);
    } finally {
      for (java.nio.file.Path copy : copies) {
        Files.deleteIfExists(copy);
      }
      Files.delete(local);
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
   * @return an embedding a window
   * @throws IllegalArgumentException when a frame cannot be decoded; it names the clip
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
    encoder.close();
    decoder.close();
  }
}
