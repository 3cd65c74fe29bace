package dev.mien.spark.embed;

import dev.mien.spark.config.EmbeddingOptions.Output;
import dev.mien.spark.embed.ClipEncoder.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Windows of successive clips that wait to go through the network together. */
final class WindowBatch {

  private final ClipEncoder encoder;
  private final Output output;
  private final List<Window> windows = new ArrayList<>();
  private final List<Consumer<float[]>> receivers = new ArrayList<>();

  WindowBatch(ClipEncoder encoder, Output output) {
    this.encoder = encoder;
    this.output = output;
  }

  /**
   * Adds a window. When as many wait as the batch size, they are embedded.
   *
   * @param receiver is given the embedding, now or later, in the order of the windows
   */
  void add(Window window, Consumer<float[]> receiver) {
    windows.add(window);
    receivers.add(receiver);
    if (windows.size() == encoder.batchSize()) {
      embed();
    }
  }

  /** Embeds the waiting windows. */
  void embed() {
    if (windows.isEmpty()) {
      return;
    }
    List<float[]> embedded = encoder.embed(windows, output);
    for (int i = 0; i < embedded.size(); i++) {
      receivers.get(i).accept(embedded.get(i));
    }
    clear();
  }

  /** Drops the waiting windows. */
  void clear() {
    windows.clear();
    receivers.clear();
  }
}
