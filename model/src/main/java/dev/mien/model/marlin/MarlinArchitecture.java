package dev.mien.model.marlin;

import static dev.mien.model.Bounds.requirePositive;

import dev.mien.model.parameters.ParameterLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The geometry of a MARLIN masked autoencoder (Cai et al., CVPR 2023).
 *
 * <p>A clip {@code [T,H,W,3]} is cut into tubelets of {@code tubelet} frames by {@code patch} by
 * {@code patch} pixels; each is one token. Tokens are numbered by tubelet, then row, then column.
 *
 * @param image side of the square frames, in pixels
 * @param patch side of a patch, in pixels
 * @param frames frames of a clip
 * @param tubelet frames that one token covers
 */
public record MarlinArchitecture(
    int image,
    int patch,
    int frames,
    int tubelet,
    int encoderWidth,
    int encoderDepth,
    int encoderHeads,
    int decoderWidth,
    int decoderDepth,
    int decoderHeads) {

  /** Hidden width of a block's perceptron, and of the discriminator, in units of its width. */
  private static final int EXPANSION = 4;

  public MarlinArchitecture {
    requirePositive("image size", image);
    requirePositive("patch size", patch);
    requirePositive("frame count", frames);
    requirePositive("tubelet length", tubelet);
    requirePositive("encoder depth", encoderDepth);
    requirePositive("decoder depth", decoderDepth);
    requireMultiple("image size", image, "patch size", patch);
    requireMultiple("frame count", frames, "tubelet length", tubelet);
    requireHeads("encoder", encoderWidth, encoderHeads);
    requireHeads("decoder", decoderWidth, decoderHeads);
    double pixels = (double) frames * image * image;
    requireIndexed("%d frames of %d pixels a side".formatted(frames, image), 3 * pixels);
    int width = Math.max(encoderWidth, decoderWidth);
    double tokens = pixels / ((double) tubelet * patch * patch);
    requireIndexed("%.0f tokens of width %d".formatted(tokens, width), tokens * width);
  }

  /** The encoder of ViT-S: 21,879,936 parameters. */
  public static MarlinArchitecture small() {
    return new MarlinArchitecture(224, 16, 16, 2, 384, 12, 6, 192, 4, 3);
  }

  /** The encoder of ViT-B: 86,227,200 parameters. */
  public static MarlinArchitecture base() {
    return new MarlinArchitecture(224, 16, 16, 2, 768, 12, 12, 384, 4, 6);
  }

  /** The encoder of ViT-L: 303,860,736 parameters. */
  public static MarlinArchitecture large() {
    return new MarlinArchitecture(224, 16, 16, 2, 1024, 24, 16, 512, 12, 8);
  }

  /** Patches along one side of a frame. */
  public int gridSide() {
    return image / patch;
  }

  /** Tubelets along the time of a clip. */
  public int tubelets() {
    return frames / tubelet;
  }

  /** Tokens of a clip. */
  public int tokens() {
    return tubelets() * gridSide() * gridSide();
  }

  /** Values of one token's pixels, in the order (channel, frame, row, column). */
  public int patchValues() {
    return 3 * tubelet * patch * patch;
  }

  /** Bytes of a clip {@code [T,H,W,3]} of uint8. */
  public int clipBytes() {
    return frames * image * image * 3;
  }

  /** The encoder's parameters, without its fixed position table. */
  public ParameterLayout encoderLayout() {
    var parameters = new ArrayList<ParameterLayout.Parameter>();
    addEncoder(parameters);
    return new ParameterLayout(parameters);
  }

  /** Encoder, projection and decoder: what the reconstruction trains. */
  public ParameterLayout generatorLayout() {
    var parameters = new ArrayList<ParameterLayout.Parameter>();
    addEncoder(parameters);
    addDecoder(parameters);
    return new ParameterLayout(parameters);
  }

  /** The generator's parameters, then the discriminator's. */
  public ParameterLayout layout() {
    var parameters = new ArrayList<ParameterLayout.Parameter>();
    addEncoder(parameters);
    addDecoder(parameters);
    addLinear(parameters, "discriminator.layers.0.linear", patchValues(), EXPANSION * decoderWidth);
    addLinear(parameters, "discriminator.layers.1.linear", EXPANSION * decoderWidth, 1);
    return new ParameterLayout(parameters);
  }

  private void addEncoder(List<ParameterLayout.Parameter> parameters) {
    add(
        parameters,
        "encoder.patch_embedding.projection.weight",
        encoderWidth,
        3,
        tubelet,
        patch,
        patch);
    add(parameters, "encoder.patch_embedding.projection.bias", encoderWidth);
    for (int block = 0; block < encoderDepth; block++) {
      addBlock(parameters, "encoder.blocks." + block, encoderWidth);
    }
    addNorm(parameters, "encoder.norm", encoderWidth);
  }

  private void addDecoder(List<ParameterLayout.Parameter> parameters) {
    add(parameters, "enc_dec_proj.weight", decoderWidth, encoderWidth);
    add(parameters, "decoder.mask_token", 1, 1, decoderWidth);
    for (int block = 0; block < decoderDepth; block++) {
      addBlock(parameters, "decoder.blocks." + block, decoderWidth);
    }
    addNorm(parameters, "decoder.norm", decoderWidth);
    addLinear(parameters, "decoder.head", decoderWidth, patchValues());
  }

  private static void addBlock(List<ParameterLayout.Parameter> parameters, String name, int width) {
    addNorm(parameters, name + ".norm1", width);
    add(parameters, name + ".attn.q_bias", width);
    add(parameters, name + ".attn.v_bias", width);
    add(parameters, name + ".attn.qkv.weight", 3 * width, width);
    addLinear(parameters, name + ".attn.proj", width, width);
    addNorm(parameters, name + ".norm2", width);
    addLinear(parameters, name + ".mlp.layers.0.linear", width, EXPANSION * width);
    addLinear(parameters, name + ".mlp.layers.1.linear", EXPANSION * width, width);
  }

  private static void addNorm(List<ParameterLayout.Parameter> parameters, String name, int width) {
    add(parameters, name + ".weight", width);
    add(parameters, name + ".bias", width);
  }

  private static void addLinear(
      List<ParameterLayout.Parameter> parameters, String name, int in, int out) {
    add(parameters, name + ".weight", out, in);
    add(parameters, name + ".bias", out);
  }

  private static void add(
      List<ParameterLayout.Parameter> parameters, String name, Integer... shape) {
    parameters.add(new ParameterLayout.Parameter(name, List.of(shape)));
  }

  private static void requireIndexed(String what, double values) {
    if (values > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Invalid architecture: %s (must be at most %d values)"
              .formatted(what, Integer.MAX_VALUE));
    }
  }

  private static void requireMultiple(String what, int value, String unitName, int unit) {
    if (value % unit != 0) {
      throw new IllegalArgumentException(
          "Invalid %s: %d (must be a multiple of the %s, %d)"
              .formatted(what, value, unitName, unit));
    }
  }

  private static void requireHeads(String what, int width, int heads) {
    requirePositive(what + " width", width);
    requirePositive(what + " head count", heads);
    requireMultiple(what + " width", width, what + " head count", heads);
    if (width % 2 != 0) {
      throw new IllegalArgumentException(
          "Invalid %s width: %d (must be even)".formatted(what, width));
    }
  }
}
