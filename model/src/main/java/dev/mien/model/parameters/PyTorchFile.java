package dev.mien.model.parameters;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the state dict of a file that {@code torch.save} wrote, {@code .pt}, {@code .pth} or {@code
 * .ckpt}, without trusting it or running anything in it.
 *
 * <p>The file is a {@link StoredZip} with one folder: {@code data.pkl}, the pickle of the object
 * saved ({@link Unpickler}), and {@code data/<key>}, the bytes of each storage. The object must be
 * a dictionary of tensors by name, or one that has such a dictionary under {@code state_dict}, as
 * Lightning's checkpoints do, beside plain values, other tensors and NumPy scalars (such as
 * learning rates), which are ignored. Files from before PyTorch 1.6, which are not zip files, are
 * refused, as are TorchScript archives, which hold code.
 *
 * <p>Memory: the storages of the tensors, so at most the file's size, and copies of those tensors
 * that are not in row-major order; all tensors together may have at most twice the bytes of the
 * file.
 */
final class PyTorchFile {

  private static final int LARGEST_PICKLE = 64 << 20;
  private static final String STATE_DICT = "state_dict";

  private PyTorchFile() {}

  /**
   * Reads the tensors, by name, in the file's order.
   *
   * @throws IOException if the file cannot be read, or is not such a file, saying what is wrong
   */
  static Map<String, Tensor> read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      StoredZip zip = StoredZip.open(channel);
      String folder = folder(zip);
      StoredZip.Entry pickle = zip.entries().get(folder + "data.pkl");
      if (pickle.size() > LARGEST_PICKLE) {
        throw invalid("a pickle of %d bytes (at most %d)", pickle.size(), LARGEST_PICKLE);
      }
      Map<String, StoredTensor> described = stateDict(Unpickler.read(zip.read(pickle)));

      long shown = 0;
      for (StoredTensor tensor : described.values()) {
        shown = Math.addExact(shown, Math.min(tensor.bytes(), Long.MAX_VALUE / 2 - shown));
      }
      if (shown > 2 * channel.size()) {
        throw invalid(
            "tensors of %d bytes in a file of %d (must be at most twice as many)",
            shown, channel.size());
      }
      return tensors(zip, folder, described);
    }
  }

  private static Map<String, Tensor> tensors(
      StoredZip zip, String folder, Map<String, StoredTensor> described) throws IOException {
    var storages = new HashMap<String, ByteBuffer>();
    var tensors = new LinkedHashMap<String, Tensor>();
    for (Map.Entry<String, StoredTensor> entry : described.entrySet()) {
      StoredTensor tensor = entry.getValue();
      String key = tensor.storage().key();
      StoredZip.Entry stored = zip.entries().get(folder + "data/" + key);
      long bytes = Tensor.bytes(tensor.storage().type(), List.of(tensor.storage().elements()));
      if (stored == null || stored.size() != bytes) {
        throw invalid(
            "tensor %s needs %d bytes of storage, which the file %s",
            entry.getKey(), bytes, stored == null ? "lacks" : "has as " + stored.size());
      }
      if (tensor.bytes() > Integer.MAX_VALUE - 8) {
        throw invalid("tensor %s of %d bytes is too large", entry.getKey(), tensor.bytes());
      }
      ByteBuffer data = storages.get(key);
      if (data == null) {
        data = ByteBuffer.wrap(zip.read(stored)).order(ByteOrder.LITTLE_ENDIAN);
        storages.put(key, data);
      }
      tensors.put(entry.getKey(), tensor.read(data));
    }
    return tensors;
  }

  /** The folder that all entries are in, with its slash. */
  private static String folder(StoredZip zip) throws IOException {
    var pickles = new ArrayList<String>();
    for (String name : zip.entries().keySet()) {
      if (name.matches("[^/]+/data\\.pkl")) {
        pickles.add(name);
      }
    }
    if (pickles.size() != 1) {
      throw invalid("%d pickles named data.pkl (must be one, in one folder)", pickles.size());
    }
    String folder = pickles.get(0).substring(0, pickles.get(0).indexOf('/') + 1);
    for (String name : zip.entries().keySet()) {
      if (!name.startsWith(folder)) {
        throw invalid("entry %s lies outside the folder %s", name, folder);
      }
      if (name.equals(folder + "constants.pkl") || name.startsWith(folder + "code/")) {
        throw invalid("this is a TorchScript archive, which holds code (save its state dict)");
      }
    }
    StoredZip.Entry order = zip.entries().get(folder + "byteorder");
    if (order != null && !"little".equals(new String(zip.read(order), StandardCharsets.US_ASCII))) {
      throw invalid("the byte order is not little-endian");
    }
    return folder;
  }

  private static Map<String, StoredTensor> stateDict(Object root) throws IOException {
    Object found =
        root instanceof Map<?, ?> map && map.get(STATE_DICT) instanceof Map<?, ?> inner
            ? inner
            : root;
    if (!(found instanceof Map<?, ?> named)) {
      throw invalid("it holds %s (must be a dictionary of tensors)", Unpickler.describe(found));
    }
    var tensors = new LinkedHashMap<String, StoredTensor>();
    for (Map.Entry<?, ?> entry : named.entrySet()) {
      if (!(entry.getKey() instanceof String name) || name.length() > Tensor.LONGEST_NAME) {
        throw invalid(
            "a tensor's name is no text, or longer than %d characters", Tensor.LONGEST_NAME);
      }
      if (!(entry.getValue() instanceof StoredTensor tensor)) {
        throw invalid(
            "its dictionary has %s under %s (must have tensors only, or have them under %s)",
            Unpickler.describe(entry.getValue()), name, STATE_DICT);
      }
      tensors.put(name, tensor);
    }
    return tensors;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would cost a dependency
  private static IOException invalid(String format, Object... arguments) {
    return new IOException("Invalid PyTorch file: " + format.formatted(Tensor.shown(arguments)));
  }
}
