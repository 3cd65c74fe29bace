package dev.mien.preprocessing.detect;

import dev.mien.preprocessing.crop.Halving;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;

/**
 * Finds faces with both BlazeFace detectors: the short-range one finds faces that fill the frame,
 * the full-range one small faces, and each misses most of what the other finds. Faces that are too
 * small for both are found by the full-range one in {@linkplain Tile tiles}. Not thread-safe; close
 * it.
 */
public final class FaceDetector implements AutoCloseable {
  private static final float OVERLAP = 0.3f;

  /**
   * Side of the smallest face that is found reliably, in the full-range detector's input of 192
   * pixels. Of 362 faces of nine videos, scaled to that and put anywhere in a frame, it finds 90 %;
   * at 18 pixels 99, at 12 a third.
   */
  static final float LEAST_PIXELS = 15;

  /** The same side as a share of the longer side of a tile. */
  static final float LEAST_SHARE = LEAST_PIXELS / 192;

  // The detectors draw the same face at different sizes, so that overlap alone would leave doubles.
  private static final float CONTAINMENT = 0.6f;

  // Twice the larger model's input: a large frame is first halved to no less than this, so that the
  // two models need not each scale it from all its pixels.
  private static final int REDUCED_SIDE = 384;

  private final BlazeFace shortRange;
  private final BlazeFace fullRange;
  private final Halving halving = new Halving();

  private FaceDetector(BlazeFace shortRange, BlazeFace fullRange) {
    this.shortRange = shortRange;
    this.fullRange = fullRange;
  }

  public static FaceDetector open(DetectionOptions options, int threads) {
    BlazeFace shortRange = BlazeFace.shortRange(threads, options.shortRangeScore());
    BlazeFace fullRange = BlazeFace.fullRange(threads, options.fullRangeScore());
    return new FaceDetector(shortRange, fullRange);
  }

  /** Side in pixels of the smallest face that is found reliably in a whole frame. */
  static float leastFace(int frameWidth, int frameHeight) {
    return LEAST_SHARE * Math.max(frameWidth, frameHeight);
  }

  /**
   * The faces in some tiles of a frame, best score first, each face once.
   *
   * @param frame {@code [H,W]} BGR uint8
   */
  public List<Detection> detect(Mat frame, Collection<Tile> tiles) {
    Tile whole = Tile.whole(frame.cols(), frame.rows());
    List<Detection> found = new ArrayList<>();
    for (Tile tile : tiles) {
      if (tile.equals(whole)) {
        int scale = scale(frame);
        Mat image = halving.shrink(frame, scale);
        Tile seen = Tile.whole(scale * image.cols(), scale * image.rows());
        shortRange.detect(image, seen, found);
        fullRange.detect(image, seen, found);
      } else {
        found.addAll(smallFaces(frame, tile));
      }
    }
    return suppress(found);
  }

  private List<Detection> smallFaces(Mat frame, Tile tile) {
    List<Detection> found = new ArrayList<>();
    try (Rect part = new Rect(tile.x(), tile.y(), tile.width(), tile.height());
        Mat pixels = new Mat(frame, part)) {
      fullRange.detect(pixels, tile, found);
    }
    found.removeIf(face -> face.box().side() > tile.largestFace());
    return found;
  }

  private static int scale(Mat frame) {
    int side = Math.max(frame.cols(), frame.rows());
    int scale = 1;
    while (side / (2 * scale) >= REDUCED_SIDE
        && 2 * scale <= Math.min(frame.cols(), frame.rows())) {
      scale *= 2;
    }
    return scale;
  }

  static List<Detection> suppress(List<Detection> found) {
    List<Detection> sorted = new ArrayList<>(found);
    sorted.sort(
        Comparator.comparing(Detection::score)
            .reversed()); // a stable sort: equal ones keep their order
    List<Detection> kept = new ArrayList<>();
    for (Detection candidate : sorted) {
      boolean isNew =
          kept.stream()
              .noneMatch(
                  better ->
                      better.box().intersectionOverUnion(candidate.box()) > OVERLAP
                          || better.box().containment(candidate.box()) > CONTAINMENT);
      if (isNew && candidate.box().width() > 0 && candidate.box().height() > 0) {
        kept.add(candidate);
      }
    }
    return List.copyOf(kept);
  }

  @Override
  public void close() {
    shortRange.close();
    fullRange.close();
    halving.close();
  }
}
