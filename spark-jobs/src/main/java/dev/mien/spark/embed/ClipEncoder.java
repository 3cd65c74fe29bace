package dev.mien.spark.embed;

import ai.djl.Device;
import dev.mien.model.marlin.EncoderExport;
import dev.mien.model.marlin.ExportedEncoder;
import dev.mien.model.marlin.FaceVideoEncoder;
import dev.mien.model.marlin.VideoEncoder;
import dev.mien.model.marlin.WindowSampling;
import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.preprocessing.clip.FrameFormat;
import dev.mien.spark.config.EmbeddingOptions;
import dev.mien.spark.run.Checkpoints;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A resident encoder and its input: stored frames in, embeddings out. Close it. */
final class ClipEncoder implements AutoCloseable {

  /**
   * A window of a stored clip.
   *
   * @param images the frames, in order, square
   */
  record Window(FrameFormat format, int height, int width, List<byte[]> images) {}

  /** A window's embedding, as many values as the encoder is wide. */
  @SuppressWarnings("ArrayRecordComponent") // moved once, never compared
  record Embedded(int firstFrame, float[] embedding) {}

  private final VideoEncoder encoder;
  private final int batchSize;
  private final FrameDecoder decoder = new FrameDecoder();
  private final ByteBuffer pixels;

  private ClipEncoder(VideoEncoder encoder, int batchSize) {
    this.encoder = encoder;
    this.batchSize = batchSize;
    this.pixels = ByteBuffer.allocateDirect(batchSize * encoder.clipBytes());
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
        try (InputStream in = source.getFileSystem(hadoop).open(source)) {
          Files.copy(in, copy);
        }
      }
      return ExportedEncoder.open(local, device);
    } finally {
      for (java.nio.file.Path copy : copies) {
        Files.deleteIfExists(copy);
      }
      Files.delete(local);
    }
  }

  /** The frames of each window of a clip of so many. */
  List<int[]> windows(int frames, EmbeddingOptions options) {
    return new WindowSampling(
            encoder.frames(), options.stride(), options.windowStride(), options.tail())
        .windows(frames);
  }

  /** Embeds every window of a clip, batch by batch. */
  List<Embedded> embed(
      FrameFormat format, int height, int width, List<byte[]> images, EmbeddingOptions options) {
    List<int[]> frames = windows(images.size(), options);
    List<Window> windows =
        frames.stream()
            .map(
                window ->
                    new Window(
                        format,
                        height,
                        width,
                        Arrays.stream(window).mapToObj(images::get).toList()))
            .toList();

    List<Embedded> embedded = new ArrayList<>(windows.size());
    for (int from = 0; from < windows.size(); from += batchSize) {
      int to = Math.min(windows.size(), from + batchSize);
      for (float[] embedding : embed(windows.subList(from, to), options.output())) {
        embedded.add(new Embedded(frames.get(embedded.size())[0], embedding));
      }
    }
    return embedded;
  }

  /**
   * Embeds a batch of windows.
   *
   * @param windows at most as many as the batch size
   * @return an embedding a window
   */
  List<float[]> embed(List<Window> windows, EmbeddingOptions.Output output) {
    pixels.clear();
    for (Window window : windows) {
      for (byte[] image : window.images()) {
        decoder.decode(
            image, window.format(), window.height(), window.width(), encoder.image(), pixels);
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
