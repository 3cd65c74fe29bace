package dev.mien.model.marlin;

import dev.mien.model.nn.Precision;
import dev.mien.model.nn.TorchScript;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The network as TorchScript: its text, the geometry's constants and the position tables. */
public final class MarlinScript {
  private MarlinScript() {}

  /**
   * Has method {@code embed(pixels, weights)}: {@code [B,T,H,W,3]} and the encoder's flat vector.
   */
  public static TorchScript encoder(MarlinArchitecture a) {
    return script(a, text("network.py"));
  }

  /** Has method {@code forward(pixels)}; the weights are inside. */
  public static TorchScript encoder(MarlinArchitecture a, float[] weights) {
    return script(a, text("network.py") + text("embedding.py"))
        .with("weights", weights, weights.length);
  }

  /** Has methods {@code step}, {@code evaluate} and {@code reconstruct}; the optimiser is added. */
  public static TorchScript pretraining(MarlinArchitecture a, Precision precision) {
    var generator = a.generatorLayout();
    var sizes = a.layout().sizes();
    int split = generator.parameters().size();
    return script(a, text("network.py") + text("pretraining.py"))
        .withTensors("held")
        .withTensors("updated")
        .with("compute_type", precision.scalarType())
        .with("decoder_depth", a.decoderDepth())
        .with("decoder_heads", a.decoderHeads())
        .with("generator_sizes", sizes.subList(0, split))
        .with("discriminator_sizes", sizes.subList(split, sizes.size()))
        .with("discriminator_size", a.layout().size() - generator.size())
        .with(
            "decoder_positions",
            positions(a.tokens(), a.decoderWidth()),
            a.tokens(),
            a.decoderWidth());
  }

  private static TorchScript script(MarlinArchitecture a, String methods) {
    return new TorchScript(methods)
        .with("grid", a.gridSide())
        .with("patch", a.patch())
        .with("tubelet", a.tubelet())
        .with("tubelets", a.tubelets())
        .with("encoder_depth", a.encoderDepth())
        .with("encoder_heads", a.encoderHeads())
        .with("sizes", a.encoderLayout().sizes())
        .with(
            "encoder_positions",
            positions(a.tokens(), a.encoderWidth()),
            a.tokens(),
            a.encoderWidth());
  }

  /**
   * The fixed position table over the flat token number, {@code [tokens,width]}: sine in even
   * columns, cosine in odd ones, of {@code token / 10000^(2*floor(column/2)/width)} (Vaswani et
   * al., 2017).
   */
  static float[] positions(int tokens, int width) {
    var table = new float[tokens * width];
    for (int column = 0; column < width; column++) {
      int pair = column - column % 2;
      double wavelength = Math.pow(10000, (double) pair / width);
      for (int token = 0; token < tokens; token++) {
        double angle = token / wavelength;
        table[token * width + column] =
            (float) (column % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
      }
    }
    return table;
  }

  private static String text(String resource) {
    try (InputStream in = MarlinScript.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("Cannot find " + resource + " on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
