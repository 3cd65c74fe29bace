package dev.mien.model.marlin;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The tensors that the authors' own code (Cai et al., MARLIN, CVPR 2023) stores, by its names: the
 * parameters, and the two fixed position tables {@code encoder.pos_embedding.emb} and {@code
 * decoder.pos_embedding.emb}, {@code [1,tokens,width]}.
 */
public final class MarlinStateDict {
  private static final String ENCODER_POSITIONS = "encoder.pos_embedding.emb";
  private static final String DECODER_POSITIONS = "decoder.pos_embedding.emb";
  private static final String PROJECTION = "encoder.patch_embedding.projection.weight";

  /** Tolerance for a position table that was stored in bfloat16; its values lie in [-1,1]. */
  private static final float POSITION_TOLERANCE = 0.01f;

  private MarlinStateDict() {}

  /** A part of the network that a file may have or lack as a whole. */
  public enum Part {
    ENCODER,
    /** The decoder, with the projection from the encoder. */
    DECODER,
    /** The discriminator, which the authors' training code stores. */
    DISCRIMINATOR;

    private boolean has(String name) {
      return switch (this) {
        case ENCODER -> name.startsWith("encoder.");
        case DECODER -> name.startsWith("decoder.") || name.startsWith("enc_dec_proj.");
        case DISCRIMINATOR -> name.startsWith("discriminator.");
      };
    }
  }

  /**
   * A network's parameters, loaded from tensors as far as these have them.
   *
   * @param parameters of {@link MarlinArchitecture#layout}
   * @param initialised the parts that the tensors lack, drawn from the seed
   * @param ignored names of tensors that are not part of the network
   */
  public record Loaded(ParameterVector parameters, List<Part> initialised, List<String> ignored) {}

  /**
   * Loads the encoder and whatever other parts there are, whatever prefix the names have ({@code
   * marlin.}, {@code module.}): from the authors' encoder or full model, their training code's
   * state, or the Hugging Face port.
   *
   * @param seed from which missing parts are drawn
   * @throws IllegalArgumentException if there is no encoder, a part is incomplete, or a tensor has
   *     another shape, values that are not finite, or another position table
   */
  public static Loaded load(MarlinArchitecture a, Map<String, Tensor> tensors, long seed) {
    String prefix = prefix(tensors);
    var named = new TreeMap<String, Tensor>();
    var foreign = new ArrayList<String>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            named.put(name.substring(prefix.length()), tensor);
          } else {
            foreign.add(name);
          }
        });
    try {
      return loadNamed(a, new TreeMap<>(named), foreign, seed);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s (the weights are of a network with %s; the configuration's has %s: set model.*, or"
                  .formatted(e.getMessage(), described(named), described(a))
              + " choose a preset)",
          e);
    }
  }

  private static Loaded loadNamed(
      MarlinArchitecture a, Map<String, Tensor> named, List<String> foreign, long seed) {
    requirePositions(a, named.remove(ENCODER_POSITIONS), ENCODER_POSITIONS, a.encoderWidth());
    requirePositions(a, named.remove(DECODER_POSITIONS), DECODER_POSITIONS, a.decoderWidth());
    ParameterVector parameters = MarlinInitialisation.draw(a, seed);
    var initialised = new ArrayList<Part>();
    for (Part part : Part.values()) {
      ParameterLayout layout = layout(a, part);
      if (part != Part.ENCODER && named.keySet().stream().noneMatch(part::has)) {
        initialised.add(part);
        continue;
      }
      ParameterVector loaded = ParameterVector.of(layout, "", named);
      for (ParameterLayout.Parameter parameter : layout.parameters()) {
        int from = layout.offset(parameter.name());
        requireFinite(parameter.name(), loaded.values(), from, parameter.size());
        int to = parameters.layout().offset(parameter.name());
        System.arraycopy(loaded.values(), from, parameters.values(), to, parameter.size());
        named.remove(parameter.name());
      }
      for (String name : named.keySet()) {
        if (part.has(name)) {
          throw new IllegalArgumentException("Unknown tensor: " + Tensor.shown(name));
        }
      }
    }
    List<String> ignored =
        Stream.concat(foreign.stream(), named.keySet().stream()).sorted().toList();
    return new Loaded(parameters, List.copyOf(initialised), ignored);
  }

  /**
   * The prefix of the names of the network's tensors, which other networks' tensors do not have.
   */
  private static String prefix(Map<String, Tensor> tensors) {
    List<String> projections =
        tensors.keySet().stream().filter(name -> name.endsWith(PROJECTION)).toList();
    if (projections.size() != 1) {
      throw new IllegalArgumentException(
          "Invalid weights: %d of %d tensors are named %s (must be one, as in MARLIN's files)"
              .formatted(projections.size(), tensors.size(), PROJECTION));
    }
    return projections.get(0).substring(0, projections.get(0).length() - PROJECTION.length());
  }

  private static ParameterLayout layout(MarlinArchitecture a, Part part) {
    return new ParameterLayout(
        a.layout().parameters().stream().filter(p -> part.has(p.name())).toList());
  }

  private static void requirePositions(
      MarlinArchitecture a, Tensor stored, String name, int width) {
    if (stored == null) {
      return;
    }
    Tensor expected = positions(a, width);
    float[] table = expected.floats();
    boolean same = stored.type().isFloating() && stored.shape().equals(expected.shape());
    float[] values = same ? stored.floats() : new float[0];
    for (int i = 0; same && i < table.length; i++) {
      same = Math.abs(values[i] - table[i]) <= POSITION_TOLERANCE;
    }
    if (!same) {
      throw new IllegalArgumentException(
          "Invalid tensor: %s of shape %s is not the position table of shape %s"
              .formatted(name, stored.shape(), expected.shape()));
    }
  }

  private static void requireFinite(String name, float[] values, int from, int count) {
    for (int i = from; i < from + count; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "Invalid tensor: %s has the value %s (must be finite)".formatted(name, values[i]));
      }
    }
  }

  private static String described(MarlinArchitecture a) {
    return described(
        a.encoderWidth(),
        a.encoderDepth(),
        List.of(a.tubelet(), a.patch(), a.patch()),
        Integer.toString(a.tokens()));
  }

  private static String described(Map<String, Tensor> named) {
    List<Long> projection = named.get(PROJECTION).shape();
    Tensor positions = named.get(ENCODER_POSITIONS);
    long blocks =
        named.keySet().stream()
            .filter(name -> name.matches("encoder\\.blocks\\.\\d+\\.norm1\\.weight"))
            .count();
    return described(
        projection.isEmpty() ? 0 : projection.get(0),
        blocks,
        projection.subList(Math.min(2, projection.size()), projection.size()),
        positions == null || positions.shape().size() != 3
            ? "unsaid"
            : positions.shape().get(1).toString());
  }

  private static String described(long width, long blocks, List<?> patch, String tokens) {
    return "encoder width %d, %d blocks, patches %s, %s tokens"
        .formatted(width, blocks, patch, tokens);
  }

  /**
   * Copies encoder and decoder: exactly the tensors that the authors' published model loads.
   *
   * @param parameters any vector that contains the generator's parameters
   * @throws IllegalArgumentException if one is missing or of another shape
   */
  public static Map<String, Tensor> generator(MarlinArchitecture a, ParameterVector parameters) {
    var tensors = new TreeMap<>(parameters.select(a.generatorLayout()).tensors(""));
    tensors.put(ENCODER_POSITIONS, positions(a, a.encoderWidth()));
    tensors.put(DECODER_POSITIONS, positions(a, a.decoderWidth()));
    return tensors;
  }

  /**
   * Copies the encoder: exactly the tensors that the authors' feature extractor loads.
   *
   * @param parameters any vector that contains the encoder's parameters
   * @throws IllegalArgumentException if one is missing or of another shape
   */
  public static Map<String, Tensor> encoder(MarlinArchitecture a, ParameterVector parameters) {
    var tensors = new TreeMap<>(parameters.select(a.encoderLayout()).tensors(""));
    tensors.put(ENCODER_POSITIONS, positions(a, a.encoderWidth()));
    return tensors;
  }

  /**
   * Copies the discriminator, which the authors' training code stores beside the generator.
   *
   * @param parameters a vector of {@link MarlinArchitecture#layout}
   */
  public static Map<String, Tensor> discriminator(
      MarlinArchitecture a, ParameterVector parameters) {
    return parameters.select(layout(a, Part.DISCRIMINATOR)).tensors("");
  }

  private static Tensor positions(MarlinArchitecture a, int width) {
    return Tensor.of(
        List.of(1L, (long) a.tokens(), (long) width), MarlinScript.positions(a.tokens(), width));
  }
}
