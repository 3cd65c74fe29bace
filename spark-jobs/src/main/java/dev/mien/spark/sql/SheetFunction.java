package dev.mien.spark.sql;

import dev.mien.preprocessing.clip.ContactSheet;
import dev.mien.preprocessing.clip.ContactSheet.Cell;
import dev.mien.preprocessing.clip.FrameDecoder;
import dev.mien.preprocessing.clip.FrameFormat;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;

/** Draws many clips, a frame each, as PNG. Public for the code of queries, which calls it. */
public record SheetFunction(int columns, int side) implements Serializable {

  /** A sheet of more would be of no use to the eye. */
  public static final int MOST = 1024;

  /**
   * A sheet in the order given; frames that are smaller are enlarged by none, so all are drawn at
   * the size of the smallest.
   *
   * @param cells structs of a frame, its format, height and width, and a caption or null
   * @return null when there are none
   */
  public byte[] draw(ArrayData cells) {
    int count = cells.numElements();
    if (count == 0) {
      return null;
    }
    if (count > MOST) {
      throw new IllegalArgumentException(
          "Invalid contact sheet: %d clips (must be at most %d: add a LIMIT)"
              .formatted(count, MOST));
    }
    List<InternalRow> rows = new ArrayList<>(count);
    int drawn = side;
    for (int i = 0; i < count; i++) {
      rows.add(cells.getStruct(i, 5));
      drawn = Math.min(drawn, rows.get(i).getInt(2));
    }
    List<Cell> pictures = new ArrayList<>(count);
    try (FrameDecoder decoder = new FrameDecoder()) {
      for (InternalRow row : rows) {
        pictures.add(cell(row, drawn, decoder));
      }
    }
    return ContactSheet.png(pictures, drawn, columns);
  }

  private static Cell cell(InternalRow row, int side, FrameDecoder decoder) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(side * side * 3);
    decoder.decode(
        row.getBinary(0),
        FrameFormat.of(row.getUTF8String(1).toString()),
        row.getInt(2),
        row.getInt(3),
        side,
        pixels);
    return new Cell(pixels.flip(), row.isNullAt(4) ? "" : row.getUTF8String(4).toString());
  }
}
