package dev.mien.model.marlin;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tensors that the authors' own code (Cai et al., MARLIN, CVPR 2023) stores, by its names: the
 * parameters, and the two fixed position tables {@code encoder.pos_embedding.emb} and {@code
 * decoder.pos_embedding.emb}, {@code [1,tokens,width]}.
 */
public final class MarlinStateDict {
  private static final String ENCODER_POSITIONS = "encoder.pos_embedding.emb";
  private static final String DECODER_POSITIONS = "decoder.pos_embedding.emb";

  private MarlinStateDict() {}

  /**
   * Copies encoder and decoder: what the authors' published model loads without a name missing or
   * left over.
   *
   * @param parameters any vector that names the generator's parameters
   * @throws IllegalArgumentException if one is missing or of another shape
   */
  public static Map<String, Tensor> generator(MarlinArchitecture a, ParameterVector parameters) {
    var tensors = new TreeMap<>(parameters.select(a.generatorLayout()).tensors(""));
    tensors.put(ENCODER_POSITIONS, positions(a, a.encoderWidth()));
    tensors.put(DECODER_POSITIONS, positions(a, a.decoderWidth()));
    return tensors;
  }

  /**
   * Copies the discriminator, which the authors' training code has beside the generator.
   *
   * @param parameters a vector of {@link MarlinArchitecture#layout}
   */
  public static Map<String, Tensor> discriminator(
      MarlinArchitecture a, ParameterVector parameters) {
    List<ParameterLayout.Parameter> all = a.layout().parameters();
    int generator = a.generatorLayout().parameters().size();
    var discriminator = new ParameterLayout(all.subList(generator, all.size()));
    return parameters.select(discriminator).tensors("");
  }

  private static Tensor positions(MarlinArchitecture a, int width) {
    return Tensor.of(
        List.of(1L, (long) a.tokens(), (long) width), MarlinScript.positions(a.tokens(), width));
  }
}
