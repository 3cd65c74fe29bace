package dev.mien.spark.sql;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.ContactSheet.Cell;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.spark.dataset.clip.StoredClip;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;

/**
 * Draws one frame each of many clips on a sheet, as a PNG. It is public since the generated code of
 * queries calls it.
 */
public record SheetFunction(int columns, int side) implements Serializable {

  /** The largest number of clips that can still be recognised on a sheet. */
  public static final int MOST = 1024;

  /**
   * Draws a sheet in the order given. Frames are never enlarged: all are drawn at the size of the
   * smallest.
   *
   * @param cells structs of a frame, its format, height and width, and a caption or null; null
   *     cells are skipped
   * @return null when there are no cells
   */
  public byte[] draw(ArrayData cells) {
    List<InternalRow> rows =
        IntStream.range(0, cells.numElements())
            .filter(i -> !cells.isNullAt(i))
            .mapToObj(i -> cells.getStruct(i, 5))
            .toList();
    if (rows.isEmpty()) {
      return null;
    }
    if (rows.size() > MOST) {
      throw new IllegalArgumentException(
          "Invalid contact sheet: %d clips (must be at most %d: add a LIMIT)"
              .formatted(rows.size(), MOST));
    }
    int drawn = Math.min(side, rows.stream().mapToInt(row -> row.getInt(2)).min().orElseThrow());
    List<Cell> pictures = new ArrayList<>(rows.size());
    try (FrameDecoder decoder = new FrameDecoder()) {
      for (InternalRow row : rows) {
        pictures.add(cell(row, drawn, decoder));
      }
    }
    return ContactSheet.png(pictures, drawn, columns);
  }

  private static Cell cell(InternalRow row, int side, FrameDecoder decoder) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(side * side * 3);
    String caption = row.isNullAt(4) ? "" : row.getUTF8String(4).toString();
    new StoredClip(
            caption.isEmpty() ? "of a sheet without captions" : caption,
            row.getInt(2),
            row.getInt(3),
            FrameFormat.of(row.getUTF8String(1).toString()),
            List.of(row.getBinary(0)))
        .decode(decoder, 0, side, pixels);
    return new Cell(pixels.flip(), caption);
  }
}
