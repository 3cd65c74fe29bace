package dev.mien.model;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** What the reference implementation computed, read from this folder's safetensors files. */
public final class Reference {
  private Reference() {}

  public static Safetensors read(String name) {
    try (InputStream in = Reference.class.getResourceAsStream(name)) {
      return Safetensors.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tiny network: its geometry, random weights and results. */
  public static Safetensors tiny() {
    return read("marlin_tiny.safetensors");
  }

  public static MarlinArchitecture architecture(Safetensors file) {
    return new MarlinArchitecture(
        number(file, "image"),
        number(file, "patch"),
        number(file, "frames"),
        number(file, "tubelet"),
        number(file, "encoder_dim"),
        number(file, "encoder_depth"),
        number(file, "encoder_heads"),
        number(file, "decoder_dim"),
        number(file, "decoder_depth"),
        number(file, "decoder_heads"));
  }

  public static int number(Safetensors file, String key) {
    return Integer.parseInt(file.metadata().get(key));
  }

  public static ParameterVector weights(Safetensors file) {
    ParameterLayout layout = architecture(file).layout();
    return ParameterVector.of(layout, "weights.", file.tensors());
  }

  public static float[] floats(Safetensors file, String name) {
    return file.tensors().get(name).floats();
  }

  /** The clips as {@code [B,T,H,W,3]} where the reference has {@code [B,3,T,H,W]}. */
  public static float[] clips(Safetensors file) {
    MarlinArchitecture a = architecture(file);
    float[] source = floats(file, "input.clip");
    int pixels = a.frames() * a.image() * a.image();
    var clips = new float[source.length];
    for (int i = 0; i < source.length; i++) {
      int clip = i / (3 * pixels);
      int channel = i / pixels % 3;
      clips[(clip * pixels + i % pixels) * 3 + channel] = source[i];
    }
    return clips;
  }
}
