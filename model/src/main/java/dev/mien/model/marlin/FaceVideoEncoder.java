package dev.mien.model.marlin;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.mien.model.nn.FlatVector;
import dev.mien.model.nn.ScriptModule;
import dev.mien.model.parameters.ParameterVector;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** The encoder alone, on every token, for embedding. Many threads may use it at once. Close it. */
public final class FaceVideoEncoder implements VideoEncoder {
  private final MarlinArchitecture architecture;
  private final ScriptModule network;
  private final FlatVector weights;

  private FaceVideoEncoder(
      MarlinArchitecture architecture, ScriptModule network, FlatVector weights) {
    this.architecture = architecture;
    this.network = network;
    this.weights = weights;
  }

  /**
   * Puts the encoder on the device.
   *
   * @param parameters any vector that contains the encoder's parameters, such as a whole state's
   * @throws IllegalArgumentException if one is missing or of another shape
   */
  public static FaceVideoEncoder open(
      MarlinArchitecture a, ParameterVector parameters, Device device) {
    ParameterVector encoder = parameters.select(a.encoderLayout());
    ScriptModule network = ScriptModule.load(MarlinScript.encoder(a), device);
    try {
      FlatVector weights = FlatVector.zeros(network.manager(), encoder.values().length);
      weights.set(encoder.values());
      return new FaceVideoEncoder(a, network, weights);
    } catch (RuntimeException e) { // the device has too little memory for the weights
      network.close();
      throw e;
    }
  }

  @Override
  public int frames() {
    return architecture.frames();
  }

  @Override
  public int image() {
    return architecture.image();
  }

  @Override
  public float[][] embed(int batch, ByteBuffer pixels) {
    return rows("embed", batch, pixels);
  }

  @Override
  public float[][] sequence(int batch, ByteBuffer pixels) {
    return rows("sequence", batch, pixels);
  }

  private float[][] rows(String method, int batch, ByteBuffer pixels) {
    try (NDManager scope = network.manager().newSubManager()) {
      NDArray clips = EncoderInput.clips(scope, this, batch, pixels);
      NDArray rows = network.infer(method, clips, weights.array()).singletonOrThrow();
      return EncoderInput.rows(rows, batch);
    } finally {
      Reference.reachabilityFence(pixels);
    }
  }

  /**
   * Embeds clips {@code [B,T,H,W,3]}, uint8 or float32 in [0,1]; the result belongs to their
   * manager.
   */
  NDArray embed(NDArray clips) {
    return network.infer("embed", clips, weights.array()).singletonOrThrow();
  }

  /** Returns every token, {@code [B,tokens*width]}, as {@link #embed(NDArray)} does the mean. */
  NDArray sequence(NDArray clips) {
    return network.infer("sequence", clips, weights.array()).singletonOrThrow();
  }

  /** For tests that make clips of their own. */
  NDManager scope() {
    return network.manager().newSubManager();
  }

  @Override
  public void close() {
    network.close();
  }
}
