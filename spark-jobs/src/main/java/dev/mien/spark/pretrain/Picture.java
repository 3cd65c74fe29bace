package dev.mien.spark.pretrain;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.train.Reconstruction;
import dev.mien.preprocessing.clip.Drawing;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A held-out clip beside what the network makes of the little it sees of it: rows of the original,
 * of what is seen and of what is filled in, a column a tubelet up to {@value #COLUMNS}.
 */
@SuppressWarnings("ArrayRecordComponent") // moved once, never compared
public record Picture(String clipId, int height, int width, byte[] jpeg) {

  private static final int COLUMNS = 8;

  /**
   * Draws a clip of a batch.
   *
   * @param index of the clip in the batch
   */
  static Picture of(
      MarlinArchitecture architecture, ClipBatch batch, Reconstruction reconstruction, int index) {
    List<ByteBuffer> rows =
        List.of(batch.pixels(), reconstruction.masked(), reconstruction.completed());
    int side = architecture.image();
    int line = side * 3;
    int columns = Math.min(COLUMNS, architecture.tubelets());
    ByteBuffer sheet = ByteBuffer.allocate(rows.size() * side * columns * line);

    for (ByteBuffer row : rows) {
      for (int y = 0; y < side; y++) {
        for (int column = 0; column < columns; column++) {
          int tubelet = column * architecture.tubelets() / columns;
          int frame = index * architecture.frames() + tubelet * architecture.tubelet();
          sheet.put(row.slice((frame * side + y) * line, line));
        }
      }
    }
    int height = rows.size() * side;
    int width = columns * side;
    return new Picture(
        batch.clipIds().get(index), height, width, Drawing.jpeg(sheet.flip(), height, width));
  }
}
