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
 * Criteria.builder().setTypes(NDList.class, NDList.class).optModelPath(directory)} loads it, and
 * states {@code frames} (T), {@code image} (H = W) and {@code width}, which DJL hands to a
 * translator as arguments.
 */
public final class EncoderExport {
  /** Name of the file that says how to load the other. */
  public static final String PROPERTIES = "serving.properties";

  /** Name of the network's file. */
  public static final String NETWORK = "encoder.pt";

  static final String FRAMES = "frames";
  static final String IMAGE = "image";

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
    try (OutputStream out = Files.newOutputStream(dir.resolve(NETWORK))) {
      MarlinScript.encoder(a, encoder.values()).write(out);
    }
    Files.writeString(
        dir.resolve(PROPERTIES),
        """
        engine=PyTorch
        option.modelName=encoder
        %s=%d
        %s=%d
        width=%d
        """
            .formatted(FRAMES, a.frames(), IMAGE, a.image(), a.encoderWidth()));
  }
}
