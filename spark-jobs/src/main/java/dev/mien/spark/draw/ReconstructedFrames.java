package dev.mien.spark.draw;

import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.train.Reconstruction;
import dev.mien.preprocessing.picture.ContactSheet;
import dev.mien.preprocessing.picture.ContactSheet.Cell;
import dev.mien.spark.dataset.EvenChoice;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A window and its reconstruction: the first frames of some of its tubelets, at most {@link
 * ContactSheet#COLUMNS}, RGB uint8 {@code [side,side,3]} each.
 *
 * @param side of the network's image
 * @param masked with the hidden patches in grey
 * @param completed with the hidden patches reconstructed
 */
public record ReconstructedFrames(
    int side, List<ByteBuffer> original, List<ByteBuffer> masked, List<ByteBuffer> completed) {

  /**
   * The frames of a clip in a batch.
   *
   * @param index of the clip in the batch
   */
  public static ReconstructedFrames of(
      MarlinArchitecture architecture, ClipBatch batch, Reconstruction reconstruction, int index) {
    int side = architecture.image();
    int[] frames =
        IntStream.of(EvenChoice.of(architecture.tubelets(), ContactSheet.COLUMNS))
            .map(tubelet -> index * architecture.frames() + tubelet * architecture.tubelet())
            .toArray();
    return new ReconstructedFrames(
        side,
        slices(batch.pixels(), frames, side),
        slices(reconstruction.masked(), frames, side),
        slices(reconstruction.completed(), frames, side));
  }

  /** {@code [B,T,H,W,3] -> [H,W,3]}. */
  private static List<ByteBuffer> slices(ByteBuffer batch, int[] frames, int side) {
    int bytes = side * side * 3;
    return IntStream.of(frames).mapToObj(frame -> batch.slice(frame * bytes, bytes)).toList();
  }

  private List<List<ByteBuffer>> rows() {
    return List.of(original, masked, completed);
  }

  /** The frames as one PNG in three rows: original, masked and completed. */
  public byte[] png() {
    List<Cell> cells =
        rows().stream().flatMap(List::stream).map(frame -> new Cell(frame, "")).toList();
    return ContactSheet.png(cells, side, original.size());
  }

  /** Height of the PNG in pixels. */
  public int height() {
    return ContactSheet.extent(rows().size(), side);
  }

  /** Width of the PNG in pixels. */
  public int width() {
    return ContactSheet.extent(original.size(), side);
  }
}
