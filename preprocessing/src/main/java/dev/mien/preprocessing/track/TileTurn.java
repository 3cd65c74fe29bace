package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.Tile;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Which tiles of a large frame a look goes through for small faces: all of them when a shot begins,
 * then one after another, a look each. One per video.
 */
final class TileTurn {
  private final float minimumFaceSide;
  private List<Tile> tiles;
  private boolean isShotNew;
  private int next;
  private int left;

  TileTurn(TrackOptions options) {
    this.minimumFaceSide = options.minimumFaceSide();
  }

  void beginShot() {
    isShotNew = true;
  }

  /** Goes once through all, whatever else happens. */
  void begin(Mat frame) {
    left = tiles(frame).size();
  }

  /** Whether tiles are left that were not gone through since {@link #begin}. */
  boolean isUnderWay() {
    return left > 0;
  }

  boolean hasNone(Mat frame) {
    return tiles(frame).isEmpty();
  }

  /** The tiles that are due. */
  List<Tile> take(Mat frame) {
    List<Tile> all = tiles(frame);
    if (isShotNew || all.isEmpty()) {
      isShotNew = false;
      left = 0;
      return all;
    }
    left = Math.max(0, left - 1);
    next = (next + 1) % all.size();
    return List.of(all.get(next));
  }

  /** These, and one around each face that is lost. */
  List<Tile> around(Mat frame, List<Box> lost, List<Tile> due) {
    Set<Tile> chosen = new LinkedHashSet<>(due);
    for (Box box : lost) {
      tiles(frame).stream().filter(tile -> tile.shows(box)).findFirst().ifPresent(chosen::add);
    }
    return List.copyOf(chosen);
  }

  private List<Tile> tiles(Mat frame) {
    if (tiles == null) {
      tiles = Tile.of(frame.cols(), frame.rows(), minimumFaceSide);
    }
    return tiles;
  }
}
