package dev.mien.model.marlin;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.mien.model.nn.ScriptModule;
import java.io.IOException;
import java.io.Reader;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Loads what {@link EncoderExport} wrote, as any DJL model. Such a directory holds code that
 * libtorch runs: open only directories from sources that you trust. Many threads may use it at
 * once. Close it.
 */
public final class ExportedEncoder implements VideoEncoder {
  private final int frames;
  private final int image;
  private final ScriptModule network;

  private ExportedEncoder(int frames, int image, ScriptModule network) {
    this.frames = frames;
    this.image = image;
    this.network = network;
  }

  /**
   * Loads the directory; its files may be deleted afterwards.
   *
   * @throws IOException if the directory cannot be read, or with what is wrong if it is not such a
   *     model
   * @throws IllegalStateException if the device is not there, with what to install
   */
  public static ExportedEncoder open(Path dir, Device device) throws IOException {
    var properties = new Properties();
    try (Reader in = Files.newBufferedReader(dir.resolve(EncoderExport.PROPERTIES))) {
      properties.load(in);
    }
    int frames = number(dir, properties, EncoderExport.FRAMES);
    int image = number(dir, properties, EncoderExport.IMAGE);
    return new ExportedEncoder(frames, image, ScriptModule.load(dir, device));
  }

  private static int number(Path dir, Properties properties, String key) throws IOException {
    String value = properties.getProperty(key, "nothing");
    if (!value.matches("[1-9]\\d{0,4}")) {
      throw new IOException(
          "Invalid model in %s: %s says %s = %s (must be a positive number; export the run again)"
              .formatted(dir, EncoderExport.PROPERTIES, key, value));
    }
    return Integer.parseInt(value);
  }

  @Override
  public int frames() {
    return frames;
  }

  @Override
  public int image() {
    return image;
  }

  /** Does not use DJL's predictor, which never releases the clips when the network fails. */
  @Override
  public float[][] embed(int batch, ByteBuffer pixels) {
    try (NDManager scope = network.manager().newSubManager()) {
      NDArray clips = EncoderInput.clips(scope, this, batch, pixels);
      return EncoderInput.rows(network.infer("forward", clips).singletonOrThrow(), batch);
    } catch (EngineException e) {
      throw new IllegalStateException("Cannot embed " + batch + " clips", e);
    } finally {
      Reference.reachabilityFence(pixels);
    }
  }

  @Override
  public float[][] sequence(int batch, ByteBuffer pixels) {
    throw new UnsupportedOperationException(
        "An exported encoder gives the mean of its tokens (name a run or a checkpoint for all)");
  }

  @Override
  public void close() {
    network.close();
  }
}
