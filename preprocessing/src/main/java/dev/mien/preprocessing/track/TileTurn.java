package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.Tile;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Decides which tiles of a frame a look goes through: all of them when a shot begins, then the
 * whole frame and, in turn, one of the smaller ones. One per video.
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
    left = 0;
  }

  /** Whether the next look goes through all tiles. */
  boolean areAllDue() {
    return isShotNew;
  }

  boolean hasSmaller(Mat frame) {
    return !smaller(frame).isEmpty();
  }

  /**
   * Whether a look takes only one of the smaller tiles, because there are some and not all are due.
   */
  boolean takesTurns(Mat frame) {
    return !isShotNew && hasSmaller(frame);
  }

  /** Begins one turn through all tiles. */
  void begin(Mat frame) {
    left = smaller(frame).size();
  }

  /** Whether tiles are left of the turn that {@link #begin} began. */
  boolean isUnderWay() {
    return left > 0;
  }

  /** The tiles that are due. */
  List<Tile> take(Mat frame) {
    if (!takesTurns(frame)) {
      isShotNew = false;
      return tiles(frame);
    }
    List<Tile> smaller = smaller(frame);
    left = Math.max(0, left - 1);
    next = (next + 1) % smaller.size();
    return List.of(whole(frame), smaller.get(next));
  }

  /**
   * The tile in which to look for a lost face: the smallest one that shows all of it that lies in
   * the frame, and of several the one whose centre is nearest.
   */
  Tile around(Mat frame, Box lost) {
    Box visible = lost.within(frame.cols(), frame.rows());
    return smaller(frame).stream()
        .filter(tile -> tile.shows(visible))
        .min(Comparator.comparing(Tile::largestFace).thenComparing(tile -> tile.distance(visible)))
        .orElse(whole(frame));
  }

  Tile whole(Mat frame) {
    return tiles(frame).get(0);
  }

  private List<Tile> smaller(Mat frame) {
    return tiles(frame).subList(1, tiles(frame).size());
  }

  private List<Tile> tiles(Mat frame) {
    if (tiles == null) {
      tiles = Tile.of(frame.cols(), frame.rows(), minimumFaceSide);
    }
    return tiles;
  }
}
