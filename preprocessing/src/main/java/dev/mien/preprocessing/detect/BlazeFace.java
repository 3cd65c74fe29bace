package dev.mien.preprocessing.detect;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * One of the two BlazeFace detectors (Bazarevsky et al. 2019, arXiv:1907.05047), on an image scaled
 * to fit its square input. Not thread-safe; close it.
 *
 * <p>Each anchor is the centre of a cell; its 16 numbers are box centre, box size and six key
 * points (right eye, left eye, nose, mouth, right ear, left ear), in input pixels from the anchor.
 */
final class BlazeFace implements AutoCloseable {
  private static final int NUMBERS = 16;

  private final ImageModel model;
  private final float minimumScore;
  private final float[] anchors;
  private final float[] regressors;
  private final float[] logits;
  private final Mat canvas;

  private BlazeFace(FaceModel file, int threads, float minimumScore, int[] grids, int[] perCell) {
    this.model = ImageModel.open(file, threads);
    this.minimumScore = minimumScore;
    this.anchors = anchors(grids, perCell);
    this.regressors = new float[anchors.length / 2 * NUMBERS];
    this.logits = new float[anchors.length / 2];
    try (Scalar black = new Scalar(0, 0, 0, 0)) {
      this.canvas = new Mat(model.size(), model.size(), CV_8UC3, black);
    }
  }

  static BlazeFace shortRange(int threads, float minimumScore) {
    return new BlazeFace(
        FaceModel.SHORT_RANGE_DETECTION,
        threads,
        minimumScore,
        new int[] {16, 8},
        new int[] {2, 6});
  }

  static BlazeFace fullRange(int threads, float minimumScore) {
    return new BlazeFace(
        FaceModel.FULL_RANGE_DETECTION, threads, minimumScore, new int[] {48}, new int[] {1});
  }

  /**
   * Adds every detection above the lowest score to {@code found}, without suppressing overlaps, in
   * pixels of the source. The image is a tile of the source, which may be scaled.
   */
  void detect(Mat image, Tile tile, List<Detection> found) {
    int size = model.size();
    double scale = (double) size / Math.max(image.cols(), image.rows());
    int width = Math.max(1, (int) Math.round(image.cols() * scale));
    int height = Math.max(1, (int) Math.round(image.rows() * scale));
    int left = (size - width) / 2;
    int top = (size - height) / 2;
    try (Rect fitted = new Rect(left, top, width, height);
        Mat target = new Mat(canvas, fitted);
        Size targetSize = new Size(width, height)) {
      if (width < size || height < size) {
        clear();
      }
      resize(image, target, targetSize, 0, 0, INTER_AREA);
    }
    model.run(canvas, 2 / 255.0, -1); // [0,255] -> [-1,1]
    model.read(0, regressors);
    model.read(1, logits);
    float minimumLogit = (float) Math.log(minimumScore / (1 - minimumScore));
    float sourceX = (float) tile.width() / width;
    float sourceY = (float) tile.height() / height;
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] >= minimumLogit) {
        Detection face = decode(i, left, top, sourceX, sourceY);
        found.add(face.movedBy(tile.x(), tile.y()));
      }
    }
  }

  private Detection decode(int i, int left, int top, float sourceX, float sourceY) {
    float anchorX = anchors[2 * i] * model.size() - left;
    float anchorY = anchors[2 * i + 1] * model.size() - top;
    int at = i * NUMBERS;
    float width = regressors[at + 2];
    float height = regressors[at + 3];
    float x = anchorX + regressors[at] - width / 2;
    float y = anchorY + regressors[at + 1] - height / 2;
    double eyesX = (regressors[at + 6] - regressors[at + 4]) * sourceX;
    double eyesY = (regressors[at + 7] - regressors[at + 5]) * sourceY;
    return new Detection(
        new Box(x * sourceX, y * sourceY, width * sourceX, height * sourceY),
        (float) (1 / (1 + Math.exp(-logits[i]))),
        Math.atan2(eyesY, eyesX));
  }

  private void clear() {
    try (Scalar black = new Scalar(0, 0, 0, 0);
        Mat zero = new Mat(1, 1, CV_8UC3, black)) {
      canvas.setTo(zero);
    }
  }

  /** Anchor centres x, y in [0,1], row by row; the anchors of a cell follow each other. */
  private static float[] anchors(int[] grids, int[] perCell) {
    int count = 0;
    for (int g = 0; g < grids.length; g++) {
      count += grids[g] * grids[g] * perCell[g];
    }
    float[] anchors = new float[2 * count];
    int at = 0;
    for (int g = 0; g < grids.length; g++) {
      for (int cell = 0; cell < grids[g] * grids[g]; cell++) {
        int column = cell % grids[g];
        int row = cell / grids[g];
        for (int k = 0; k < perCell[g]; k++) {
          anchors[at++] = (column + 0.5f) / grids[g];
          anchors[at++] = (row + 0.5f) / grids[g];
        }
      }
    }
    return anchors;
  }

  @Override
  public void close() {
    canvas.close();
    model.close();
  }
}
