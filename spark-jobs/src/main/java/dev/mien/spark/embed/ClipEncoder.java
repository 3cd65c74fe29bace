package dev.mien.spark.embed;

import ai.djl.Device;
import dev.mien.model.marlin.FaceVideoEncoder;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.marlin.WindowSampling;
import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.preprocessing.clip.FrameFormat;
import dev.mien.spark.run.Checkpoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** A resident encoder and its input: stored frames in, embeddings out. Close it. */
final class ClipEncoder implements AutoCloseable {

  /**
   * A window of a stored clip.
   *
   * @param images the frames, in order, square
   */
  record Window(FrameFormat format, int height, int width, List<byte[]> images) {}

  private final MarlinArchitecture architecture;
  private final FaceVideoEncoder encoder;
  private final FrameDecoder decoder = new FrameDecoder();
  private final ByteBuffer pixels;

  private ClipEncoder(MarlinArchitecture architecture, FaceVideoEncoder encoder, int batchSize) {
    this.architecture = architecture;
    this.encoder = encoder;
    this.pixels =
        ByteBuffer.allocateDirect(Math.multiplyExact(batchSize, architecture.clipBytes()));
  }

  /**
   * Opens a model on a device.
   *
   * @param modelUrl folder of a run or of a checkpoint
   * @param batchSize most windows in a forward pass
   */
  static ClipEncoder open(Configuration hadoop, String modelUrl, int batchSize, Device device)
      throws IOException {
    Checkpoints.Model model = Checkpoints.model(hadoop, modelUrl);
    return new ClipEncoder(
        model.architecture(),
        FaceVideoEncoder.open(model.architecture(), model.parameters(), device),
        batchSize);
  }

  /** The frames of each window of a clip; none of its frames is left out. */
  List<int[]> windows(int frames, int stride) {
    return new WindowSampling(
            architecture.frames(), stride, architecture.frames(), WindowSampling.Tail.COVERED)
        .windows(frames);
  }

  /**
   * Embeds a batch of windows.
   *
   * @param windows at most as many as the batch size
   * @return an embedding a window
   */
  List<float[]> embed(List<Window> windows) {
    pixels.clear();
    for (Window window : windows) {
      for (byte[] image : window.images()) {
        decoder.decode(
            image, window.format(), window.height(), window.width(), architecture.image(), pixels);
      }
    }
    return List.of(encoder.embed(windows.size(), pixels.flip()));
  }

  @Override
  public void close() {
    encoder.close();
    decoder.close();
  }
}
