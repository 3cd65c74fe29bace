package dev.mien.model.marlin;

import ai.djl.Device;
import dev.mien.model.parameters.ParameterVector;
import java.nio.ByteBuffer;

/** The encoder alone. */
@SuppressWarnings("DoNotCallSuggester")
public final class FaceVideoEncoder implements AutoCloseable {
  private FaceVideoEncoder() {}

  public static FaceVideoEncoder open(
      MarlinArchitecture a, ParameterVector parameters, Device device) {
    throw new UnsupportedOperationException();
  }

  public float[][] embed(int batch, ByteBuffer pixels) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
