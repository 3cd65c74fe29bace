package dev.mien.model.parameters;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads tensors from a file that anyone may have made: safetensors, or what {@code torch.save}
 * wrote.
 */
public final class Weights {

  private static final byte[] ZIP = {'P', 'K', 3, 4};
  // the pickled number 0x1950a86a20f9469cfc6c, with which files of torch.save began before PyTorch
  // 1.6
  private static final byte[] LEGACY = {
    (byte) 0x80, 2, (byte) 0x8A, 10, 0x6C, (byte) 0xFC, (byte) 0x9C, 0x46, (byte) 0xF9
  };

  private Weights() {}

  /**
   * Reads all tensors by name. The format is recognised by the first bytes, not by the file's name.
   *
   * @throws IOException if the file cannot be read, is of neither format, is not well formed, or
   *     refers to more than tensors, saying what is wrong
   */
  public static Map<String, Tensor> read(Path file) throws IOException {
    byte[] begin;
    try (InputStream in = Files.newInputStream(file)) {
      begin = in.readNBytes(LEGACY.length);
    }
    if (startsWith(begin, ZIP)) {
      return new TreeMap<>(PyTorchFile.read(file));
    }
    if (startsWith(begin, LEGACY)) {
      throw new IOException(
          "Invalid weights: saved by PyTorch before 1.6, or in its legacy format, which is not read"
              + " (load the file in PyTorch and save it again, with torch.save or safetensors)");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20)) {
      return Safetensors.read(in).tensors();
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }
}
