package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.Tile;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Decides when and where detectors look for faces that landmarks do not follow: at the beginning of
 * a shot, then every {@link TrackOptions#detectionInterval()} frames, or every {@link
 * TrackOptions#searchInterval()} while no face is known, and a quarter as often while everything
 * but the faces is still; in the whole frame, and in its tiles by turns. Not thread-safe; close it.
 */
final class DetectionSchedule implements AutoCloseable {
  private static final int STILL_INTERVALS = 4;

  private final TrackOptions options;
  private final SearchedScene scene = new SearchedScene();
  private final TileTurn tiles;
  private boolean isAnyoneGone;
  private boolean isNobodySeen;
  private int shotFrame;
  private int searchedFrame;
  private int next;

  DetectionSchedule(TrackOptions options) {
    this.options = options;
    this.tiles = new TileTurn(options);
  }

  void beginShot(int frame) {
    isAnyoneGone = false;
    isNobodySeen = true;
    shotFrame = frame;
    tiles.beginShot();
    next = frame;
  }

  boolean isDue(int frame) {
    return frame >= next;
  }

  /** Notes that a face is lost for good in this shot; the person may come back. */
  void missSomeone() {
    isAnyoneGone = true;
  }

  /** Whether a look that is due could find anybody besides the faces that are followed. */
  boolean isWorthALook(int frame, Mat image, List<Box> faces) {
    return isAnyoneGone
        || tiles.areAllDue()
        || tiles.isUnderWay()
        || frame - searchedFrame >= STILL_INTERVALS * interval(!faces.isEmpty())
        || scene.hasChanged(image, faces);
  }

  /**
   * The tiles to look in: those that are due, and those where faces were lost. After the scene has
   * changed, each tile is due once before looks become rare again.
   *
   * @param faces that are known
   * @param lost those of them that landmarks did not follow
   */
  Set<Tile> look(int frame, Mat image, List<Box> faces, List<Box> lost) {
    Set<Tile> look = new LinkedHashSet<>();
    if (isDue(frame)) {
      if (!tiles.isUnderWay()) {
        if (tiles.takesTurns(image) && scene.hasChanged(image, faces)) {
          tiles.begin(image);
        }
        scene.remember(image);
      }
      look.addAll(tiles.take(image));
    }
    for (Box face : lost) {
      look.add(tiles.around(image, face));
    }
    if (look.contains(tiles.whole(image))) {
      searchedFrame = frame;
    }
    return look;
  }

  /**
   * Schedules the next look, if this frame had one or should have had one. Where there are smaller
   * tiles, a look at the whole frame for a lost face does not count: otherwise the tiles' turn
   * would not come while faces are lost.
   */
  void plan(int frame, Mat image, boolean areFacesKnown) {
    boolean hasSmaller = tiles.hasSmaller(image);
    if (isNobodySeen && areFacesKnown) {
      isNobodySeen = false;
      // The shot's first look saw nothing in any tile, and now there is something: the picture has
      // faded in, or somebody has come into an empty shot, and may not be alone.
      if (frame > shotFrame && hasSmaller) {
        tiles.beginShot();
      }
    }
    if (isDue(frame) || (searchedFrame == frame && !hasSmaller)) {
      next = frame + interval(areFacesKnown);
    }
  }

  private int interval(boolean areFacesKnown) {
    return areFacesKnown ? options.detectionInterval() : options.searchInterval();
  }

  @Override
  public void close() {
    scene.close();
  }
}
