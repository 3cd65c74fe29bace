package dev.mien.spark.embed;

import dev.mien.spark.config.EmbeddingOptions.Output;
import dev.mien.spark.embed.ClipEncoder.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Windows of one clip after another that wait to go through the network together. */
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
   * Adds a window, and embeds those that wait when they are as many as the batch size.
   *
   * @param receiver given the embedding, now or later, after those of the windows before
   */
  void add(Window window, Consumer<float[]> receiver) {
    windows.add(window);
    receivers.add(receiver);
    if (windows.size() == encoder.batchSize()) {
      embed();
    }
  }

  /** Embeds those that wait. */
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

  /** Forgets those that wait. */
  void clear() {
    windows.clear();
    receivers.clear();
  }
}
