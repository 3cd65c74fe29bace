package dev.mien.spark.pretrain.replica;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.train.Reconstruction;
import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.ContactSheet.Cell;
import dev.mien.spark.dataset.EvenChoice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A held-out clip beside what the network makes of the little it sees of it: rows of the original,
 * of what is seen and of what is filled in, a column a tubelet up to {@value #COLUMNS}.
 */
@SuppressWarnings("ArrayRecordComponent") // moved once, never compared
public record Picture(String clipId, int height, int width, byte[] png) {

  private static final int COLUMNS = 8;

  /**
   * Draws a clip of a batch.
   *
   * @param index of the clip in the batch
   */
  static Picture of(
      MarlinArchitecture architecture, ClipBatch batch, Reconstruction reconstruction, int index) {
    int side = architecture.image();
    int bytes = side * side * 3;
    List<ByteBuffer> rows =
        List.of(batch.pixels(), reconstruction.masked(), reconstruction.completed());
    int[] tubelets = EvenChoice.of(architecture.tubelets(), COLUMNS);
    List<Cell> cells = new ArrayList<>();
    for (ByteBuffer row : rows) {
      for (int tubelet : tubelets) {
        int frame = index * architecture.frames() + tubelet * architecture.tubelet();
        cells.add(new Cell(row.slice(frame * bytes, bytes), ""));
      }
    }
    return new Picture(
        batch.clipIds().get(index),
        ContactSheet.extent(rows.size(), side),
        ContactSheet.extent(tubelets.length, side),
        ContactSheet.png(cells, side, tubelets.length));
  }
}
