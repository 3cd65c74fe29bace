package dev.mien.spark.sql;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.ContactSheet.Cell;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.draw.ClipPictures;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;

/** Draws evenly spread frames of a clip in a row, with their times, as a PNG. */
record FrameStrip(int count, int side) implements ClipFunction {

  @Override
  public byte[] draw(InternalRow row) {
    StoredClip clip = ClipStruct.read(row);
    List<Long> timestamps = ClipStruct.timestamps(row);
    int drawn = Math.min(side, clip.height());
    try (FrameDecoder decoder = new FrameDecoder()) {
      ClipPictures pictures = new ClipPictures(clip, drawn, decoder);
      List<Cell> cells =
          IntStream.of(EvenChoice.of(clip.frames(), count))
              .mapToObj(frame -> new Cell(pictures.frame(frame), second(timestamps.get(frame))))
              .toList();
      return ContactSheet.png(cells, drawn, count);
    }
  }

  static String second(long timestamp) {
    return String.format(Locale.ROOT, "%.2f s", timestamp * 1e-6);
  }
}
