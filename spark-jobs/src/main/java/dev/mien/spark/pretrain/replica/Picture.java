package dev.mien.spark.pretrain.replica;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.train.Reconstruction;
import dev.mien.spark.draw.ReconstructedFrames;

/** A held-out clip beside the network's reconstruction of it, as a PNG. */
@SuppressWarnings("ArrayRecordComponent") // moved once, never compared
public record Picture(String clipId, int height, int width, byte[] png) {

  /**
   * Draws a clip of a batch.
   *
   * @param index of the clip in the batch
   */
  static Picture of(
      MarlinArchitecture architecture, ClipBatch batch, Reconstruction reconstruction, int index) {
    ReconstructedFrames frames = ReconstructedFrames.of(architecture, batch, reconstruction, index);
    return new Picture(batch.clipIds().get(index), frames.height(), frames.width(), frames.png());
  }
}
