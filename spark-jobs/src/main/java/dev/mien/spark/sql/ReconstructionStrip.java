package dev.mien.spark.sql;

import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.draw.Reconstructor;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.resident.TaskDevice;
import dev.mien.spark.run.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Draws the reconstruction of the window in the middle of a clip by a checkpoint's network, as a
 * PNG in three rows: original, masked and completed. The network stays open for the next clip.
 *
 * @param checkpoint its folder
 */
record ReconstructionStrip(String checkpoint, SerializableConfiguration hadoop)
    implements ClipFunction {

  /** Two, since one query may compare two checkpoints. */
  private static final int OPEN_CHECKPOINTS = 2;

  private static final Residents<ReconstructionStrip, Reconstructor> NETWORKS =
      new Residents<>(ReconstructionStrip::open, OPEN_CHECKPOINTS);

  @Override
  public byte[] draw(InternalRow row) {
    try (var lease = NETWORKS.borrow(this)) {
      byte[] picture =
          lease
              .thing()
              .reconstruct(ClipStruct.read(row))
              .map(clip -> clip.frames().png())
              .orElse(null);
      lease.keep();
      return picture;
    }
  }

  private Reconstructor open() {
    try {
      Checkpoints.Model model = Checkpoints.model(hadoop.value(), checkpoint);
      return Reconstructor.open(
          MienConfiguration.parse(model.manifest().configuration()),
          model.parameters(),
          TaskDevice.of(ComputeDevice.CPU));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open checkpoint " + checkpoint, e);
    }
  }

  /** Compares the checkpoint alone: Hadoop's settings are those of the first caller. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ReconstructionStrip strip && checkpoint.equals(strip.checkpoint);
  }

  @Override
  public int hashCode() {
    return checkpoint.hashCode();
  }
}
