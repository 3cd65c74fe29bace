package dev.mien.model.parameters;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.SortedMap;

/** The safetensors format. */
public record Safetensors(SortedMap<String, String> metadata, SortedMap<String, Tensor> tensors) {
  public static void write(
      OutputStream out, Map<String, String> metadata, Map<String, Tensor> tensors)
      throws IOException {
    out.write(0);
  }

  public static Safetensors read(InputStream in) throws IOException {
    throw new IOException("" + in.read());
  }
}
