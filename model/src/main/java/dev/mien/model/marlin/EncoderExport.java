package dev.mien.model.marlin;

import com.google.gson.GsonBuilder;
import dev.mien.model.parameters.ParameterVector;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes the encoder as an ordinary DJL model directory, with nothing of Mien's needed to load it.
 *
 * <p>{@code encoder.pt} is a TorchScript archive: clips {@code [B,T,H,W,3]}, uint8 or float32 in
 * [0,1], to {@code [B,width]}. {@code serving.properties} names engine and model, so that {@code
 * Criteria.builder().setTypes(NDList.class, NDList.class).optModelUrls(directory)} loads it, and
 * states {@code frames} (T), {@code image} (H = W) and {@code width}, which DJL hands to a
 * translator as arguments. {@code provenance.json} says what made it.
 *
 * <p>For a clip as images there is {@link ClipTranslatorFactory}, which {@code serving.properties}
 * names as its {@code translatorFactory}. DJL 0.35 looks for a translator before it reads those
 * properties, so whoever builds the criteria hands the factory over, as DJL's Spark extension does,
 * or its name as the argument {@code translatorFactory}, as DJL Serving does.
 */
public final class EncoderExport {
  /** Name of the file that says how to load the network. */
  public static final String PROPERTIES = "serving.properties";

  /** Name of the network's file. */
  public static final String NETWORK = "encoder.pt";

  /** Name of the file that says what made the network. */
  public static final String PROVENANCE = "provenance.json";

  /** Names of all files; the one that makes the directory a model comes last. */
  public static final List<String> FILES = List.of(NETWORK, PROVENANCE, PROPERTIES);

  static final String FRAMES = "frames";
  static final String IMAGE = "image";

  private EncoderExport() {}

  /**
   * Writes the files.
   *
   * @param parameters any vector that contains the encoder's parameters
   * @param provenance what made them, as names and values
   * @throws IllegalArgumentException if one is missing or of another shape
   */
  public static void write(
      Path dir, MarlinArchitecture a, ParameterVector parameters, Map<String, String> provenance)
      throws IOException {
    ParameterVector encoder = parameters.select(a.encoderLayout());
    Files.createDirectories(dir);
    try (OutputStream out = Files.newOutputStream(dir.resolve(NETWORK))) {
      MarlinScript.encoder(a, encoder.values()).write(out);
    }
    Files.writeString(
        dir.resolve(PROVENANCE),
        new GsonBuilder().setPrettyPrinting().create().toJson(provenance) + "\n");
    Files.writeString(
        dir.resolve(PROPERTIES),
        String.format(
            Locale.ROOT,
            """
            engine=PyTorch
            option.modelName=encoder
            translatorFactory=%s
            %s=%d
            %s=%d
            width=%d
            """,
            ClipTranslatorFactory.class.getName(),
            FRAMES,
            a.frames(),
            IMAGE,
            a.image(),
            a.encoderWidth()));
  }
}
