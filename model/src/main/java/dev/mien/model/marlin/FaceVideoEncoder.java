package dev.mien.model.marlin;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.mien.model.nn.FlatVector;
import dev.mien.model.nn.ScriptModule;
import dev.mien.model.parameters.ParameterVector;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The encoder alone, on every token, for embedding. Not thread-safe. Close it. */
public final class FaceVideoEncoder implements AutoCloseable {
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
   * @param parameters any vector that names the encoder's parameters, a whole state's for example
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
    } catch (RuntimeException e) { // the device's memory does not hold the weights
      network.close();
      throw e;
    }
  }

  /**
   * One vector a clip: the mean over its tokens, then the norm.
   *
   * @param pixels uint8 RGB {@code [batch,T,H,W,3]} from position 0 to the limit, direct
   * @return {@code [batch,width]}
   */
  public float[][] embed(int batch, ByteBuffer pixels) {
    if (batch < 1
        || !pixels.isDirect()
        || pixels.limit() != (long) batch * architecture.clipBytes()) {
      throw new IllegalArgumentException(
          "Invalid pixels: %d bytes for %d clips (must be a direct buffer of %d each)"
              .formatted(pixels.limit(), batch, architecture.clipBytes()));
    }
    int side = architecture.image();
    var shape = new Shape(batch, architecture.frames(), side, side, 3);
    try (NDManager scope = network.manager().newSubManager()) {
      NDArray clips = scope.create(pixels.duplicate().position(0), shape, DataType.UINT8);
      return rows(embed(clips), batch);
    } finally {
      Reference.reachabilityFence(pixels);
    }
  }

  /** Clips {@code [B,T,H,W,3]}, uint8 or float32 in [0,1]; the result is their manager's. */
  NDArray embed(NDArray clips) {
    return network.infer("embed", clips, weights.array()).singletonOrThrow();
  }

  private static float[][] rows(NDArray array, int count) {
    float[] values = array.toFloatArray();
    int width = values.length / count;
    var rows = new float[count][];
    for (int i = 0; i < count; i++) {
      rows[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }
    return rows;
  }

  /** Where a test puts clips of its own. */
  NDManager scope() {
    return network.manager().newSubManager();
  }

  @Override
  public void close() {
    network.close();
  }
}
