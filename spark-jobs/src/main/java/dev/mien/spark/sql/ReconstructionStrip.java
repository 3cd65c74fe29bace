package dev.mien.spark.sql;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.ContactSheet.Cell;
import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.draw.Reconstructor;
import dev.mien.spark.draw.Reconstructor.Reconstructed;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.resident.TaskDevice;
import dev.mien.spark.run.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What a checkpoint makes of the window in the middle of a clip, as PNG: in three rows the
 * original, what the network saw of it, and the original with what it filled in. The network stays
 * open for the next clip.
 *
 * @param checkpoint its folder
 */
record ReconstructionStrip(String checkpoint, SerializableConfiguration hadoop)
    implements ClipFunction {

  private static final int COLUMNS = 8;

  /** One query may show what two checkpoints make of each clip. */
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
              .map(ReconstructionStrip::png)
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

  private static byte[] png(Reconstructed clip) {
    int[] shown = EvenChoice.of(clip.original().size(), COLUMNS);
    List<Cell> cells = new ArrayList<>();
    for (List<ByteBuffer> frames : List.of(clip.original(), clip.masked(), clip.completed())) {
      for (int i : shown) {
        cells.add(new Cell(frames.get(i), ""));
      }
    }
    return ContactSheet.png(cells, clip.side(), shown.length);
  }

  /** Hadoop's settings are those of whoever asks first. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ReconstructionStrip strip && checkpoint.equals(strip.checkpoint);
  }

  @Override
  public int hashCode() {
    return checkpoint.hashCode();
  }
}
