package dev.mien.model.marlin;

import dev.mien.model.parameters.ParameterVector;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes the encoder as an ordinary DJL model directory, with nothing of Mien's needed to load it.
 *
 * <p>{@code encoder.pt} is a TorchScript archive: clips {@code [B,T,H,W,3]}, uint8 or float32 in
 * [0,1], to {@code [B,width]}. {@code serving.properties} names engine and model, so that {@code
 * Criteria.builder().setTypes(NDList.class, NDList.class).optModelPath(directory)} loads it.
 */
public final class EncoderExport {
  private static final String NAME = "encoder";

  private EncoderExport() {}

  /**
   * Writes the two files.
   *
   * @param parameters any vector that names the encoder's parameters
   * @throws IllegalArgumentException if one is missing or of another shape
   */
  public static void write(Path dir, MarlinArchitecture a, ParameterVector parameters)
      throws IOException {
    ParameterVector encoder = parameters.select(a.encoderLayout());
    Files.createDirectories(dir);
    try (OutputStream out = Files.newOutputStream(dir.resolve(NAME + ".pt"))) {
      MarlinScript.encoder(a, encoder.values()).write(out);
    }
    Files.writeString(
        dir.resolve("serving.properties"), "engine=PyTorch\noption.modelName=" + NAME + "\n");
  }
}
