package dev.mien.spark.pretrain.replica;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.Masks;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.picture.View;
import dev.mien.spark.config.AugmentationOptions;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.pretrain.sample.Sample;
import dev.mien.spark.pretrain.sample.Seeds;
import dev.mien.spark.storage.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;

/** Turns samples into pixels and masks. Not thread-safe. Close it. */
final class SampleDecoder implements AutoCloseable {

  private final RunSpecification run;
  private final ClipCache cache;
  private final Patience patience;
  private final FrameDecoder frames = new FrameDecoder();

  SampleDecoder(RunSpecification run, ClipCache cache) {
    this.run = run;
    this.cache = cache;
    this.patience = new Patience(run.retryTime(), () -> false); // an interrupt ends it
  }

  /**
   * Decodes a sample's pixels and returns its mask.
   *
   * @throws IOException naming what cannot be read or decoded
   */
  byte[] decode(
      Sample sample, AugmentationOptions augmentation, ByteBuffer pixels, Configuration hadoop)
      throws IOException {
    StoredClip clip = cache.clip(sample.location(), hadoop, patience);
    MarlinArchitecture architecture = run.architecture();
    View view =
        Augmentation.draw(
            augmentation, clip.height(), Seeds.derive(sample.maskSeed(), "augmentation"));
    try {
      ClipWindow window =
          new ClipWindow(clip, sample.start(), architecture.frames(), run.training().stride());
      window.decode(frames, view, architecture.image(), pixels);
      byte[] mask =
          Masks.draw(
              run.objective().mask(),
              architecture,
              run.objective().maskRatio(),
              window.regions(view),
              sample.maskSeed());
      return Masks.leaveOut(
          mask,
          architecture,
          run.objective().decoderMaskRatio(),
          Seeds.derive(sample.maskSeed(), "decoder"));
    } catch (RuntimeException e) { // whatever may be wrong with stored bytes
      RowGroup rowGroup = sample.location().rowGroup();
      throw new IOException(
          "Cannot decode clip %s in row group %d of %s: %s"
              .formatted(
                  sample.clipId(),
                  rowGroup.position(),
                  rowGroup.file(),
                  e instanceof IllegalArgumentException ? e.getMessage() : e),
          e);
    }
  }

  @Override
  public void close() {
    frames.close();
  }
}
