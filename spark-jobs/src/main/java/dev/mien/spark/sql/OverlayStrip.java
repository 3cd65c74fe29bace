package dev.mien.spark.sql;

import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.ContactSheet.Cell;
import dev.mien.preprocessing.picture.FrameDecoder;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.dataset.EvenChoice;
import dev.mien.spark.dataset.clip.ClipWindow;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.draw.ClipPictures;
import dev.mien.spark.draw.WindowMask;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Draws frames of a clip in a row under their region maps, a mask, or both, as a PNG. The mask is
 * that of the reference configuration's window in the middle of the clip, and one frame per tubelet
 * is drawn.
 */
record OverlayStrip(Overlay overlay, double ratio, long seed, int side) implements ClipFunction {

  static final MienConfiguration REFERENCE =
      MienConfiguration.load(Optional.empty(), Optional.empty(), List.of());

  @Override
  public byte[] draw(InternalRow row) {
    StoredClip clip = ClipStruct.read(row);
    try (FrameDecoder decoder = new FrameDecoder()) {
      ClipPictures pictures = new ClipPictures(clip, Math.min(side, clip.height()), decoder);
      List<Long> timestamps = ClipStruct.timestamps(row);
      return overlay.mask().isEmpty()
          ? regions(pictures, timestamps)
          : mask(clip).map(mask -> masked(pictures, mask, timestamps)).orElse(null);
    }
  }

  private Optional<WindowMask> mask(StoredClip clip) {
    return ClipWindow.middle(clip, REFERENCE.model().frames(), REFERENCE.training().stride())
        .map(
            window ->
                WindowMask.draw(
                    window, REFERENCE.model(), overlay.mask().orElseThrow(), ratio, seed));
  }

  private static byte[] regions(ClipPictures pictures, List<Long> timestamps) {
    List<Cell> cells = new ArrayList<>();
    for (int frame : EvenChoice.of(pictures.clip().frames(), ContactSheet.COLUMNS)) {
      ByteBuffer picture = pictures.underRegions(pictures.frame(frame), frame);
      cells.add(new Cell(picture, FrameStrip.second(timestamps.get(frame))));
    }
    return ContactSheet.png(cells, pictures.side(), ContactSheet.COLUMNS);
  }

  private byte[] masked(ClipPictures pictures, WindowMask mask, List<Long> timestamps) {
    List<Cell> cells = new ArrayList<>();
    for (int tubelet : EvenChoice.of(mask.architecture().tubelets(), ContactSheet.COLUMNS)) {
      int frame = mask.frame(tubelet);
      ByteBuffer picture = pictures.frame(frame);
      if (overlay.regions()) {
        picture = pictures.underRegions(picture, frame);
      }
      ByteBuffer masked = mask.over(picture, pictures.side(), tubelet);
      cells.add(new Cell(masked, FrameStrip.second(timestamps.get(frame))));
    }
    return ContactSheet.png(cells, pictures.side(), ContactSheet.COLUMNS);
  }
}
