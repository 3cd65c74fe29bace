package dev.mien.spark.draw;

import ai.djl.Device;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.Reconstruction;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.dataset.clip.StoredClip;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Reconstructs masked clips by a trained network. Not thread-safe; close it. */
public final class Reconstructor implements AutoCloseable {

  private final MienConfiguration configuration;
  private final LocalTrainer network;
  private final FrameDecoder decoder = new FrameDecoder();

  private Reconstructor(MienConfiguration configuration, LocalTrainer network) {
    this.configuration = configuration;
    this.network = network;
  }

  /**
   * Opens a network.
   *
   * @param configuration of the run that trained it
   */
  public static Reconstructor open(
      MienConfiguration configuration, ParameterVector parameters, Device device) {
    LocalTrainer network =
        LocalTrainer.open(
            configuration.model(), configuration.objective(), configuration.optimiser(), device);
    try {
      network.vectors().get(0).set(parameters.values()); // moments are not needed here
      return new Reconstructor(configuration, network);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /**
   * A window and its reconstruction.
   *
   * @param loss of the reconstruction
   */
  public record Reconstructed(ClipWindow window, double loss, ReconstructedFrames frames) {}

  /**
   * Reconstructs the window in the middle of a clip under the run's mask; empty when the clip is
   * too short.
   */
  public Optional<Reconstructed> reconstruct(StoredClip clip) {
    return ClipWindow.middle(
            clip, configuration.model().frames(), configuration.training().stride())
        .map(this::reconstruct);
  }

  private Reconstructed reconstruct(ClipWindow window) {
    MarlinArchitecture architecture = configuration.model();
    ByteBuffer pixels = window.pixels(decoder, architecture.image());
    WindowMask mask =
        WindowMask.draw(
            window,
            architecture,
            configuration.objective().mask(),
            configuration.objective().maskRatio(),
            configuration.training().seed());
    ClipBatch batch = new ClipBatch(1, pixels, mask.visible(), List.of(window.clip().clipId()));

    Reconstruction reconstruction = network.reconstruct(batch);
    return new Reconstructed(
        window,
        network.evaluate(batch).reconstruction(),
        ReconstructedFrames.of(architecture, batch, reconstruction, 0));
  }

  @Override
  public void close() {
    network.close();
    decoder.close();
  }
}
