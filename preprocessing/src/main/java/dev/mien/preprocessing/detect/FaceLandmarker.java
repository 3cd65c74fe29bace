package dev.mien.preprocessing.detect;

import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.crop.SquareSampler;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Finds the 468 landmarks of a face where one is expected (Kartynnik et al. 2019,
 * arXiv:1907.06724). Not thread-safe; close it.
 */
public final class FaceLandmarker implements AutoCloseable {
  private final ImageModel model;
  private final SquareSampler sampler;
  private final Mat image = new Mat();
  private final Mat colours = new Mat();
  private final Size coarse = new Size(FaceAppearance.SIZE, FaceAppearance.SIZE);
  private final float[] mesh = new float[3 * FaceLandmarks.POINTS];
  private final float[] flag = new float[1];

  private FaceLandmarker(ImageModel model) {
    this.model = model;
    this.sampler = new SquareSampler(model.size());
  }

  public static FaceLandmarker open(int threads) {
    return new FaceLandmarker(ImageModel.open(FaceModel.LANDMARKS, threads));
  }

  /**
   * The landmarks of the face in the square. There is always an answer; its presence says whether
   * to believe it.
   *
   * @param frame {@code [H,W]} BGR uint8
   */
  public FaceLandmarks find(Mat frame, Square square) {
    sampler.sample(frame, square, image);
    model.run(image, 1 / 255.0, 0); // [0,255] -> [0,1]
    model.read(0, mesh); // x, y, z in input pixels; z grows away from the camera
    model.read(1, flag);
    float[] points = new float[2 * FaceLandmarks.POINTS];
    for (int i = 0; i < FaceLandmarks.POINTS; i++) {
      double along = mesh[3 * i] / model.size() - 0.5;
      double down = mesh[3 * i + 1] / model.size() - 0.5;
      points[2 * i] = (float) square.sourceX(along, down);
      points[2 * i + 1] = (float) square.sourceY(along, down);
    }
    return new FaceLandmarks(
        points, (float) (1 / (1 + Math.exp(-flag[0]))), yaw(), pitch(), roll(points));
  }

  /** The appearance of the face that was found last. */
  public FaceAppearance appearance() {
    resize(image, colours, coarse, 0, 0, INTER_AREA);
    return FaceAppearance.of(colours.createBuffer());
  }

  private float yaw() {
    double across = span(FaceLandmarks.RIGHT_EYE_CORNER, FaceLandmarks.LEFT_EYE_CORNER, 0);
    double away = span(FaceLandmarks.RIGHT_EYE_CORNER, FaceLandmarks.LEFT_EYE_CORNER, 2);
    return (float) Math.toDegrees(Math.atan2(away, across));
  }

  private float pitch() {
    double down = span(FaceLandmarks.FOREHEAD, FaceLandmarks.CHIN, 1);
    double away = span(FaceLandmarks.FOREHEAD, FaceLandmarks.CHIN, 2);
    return (float) Math.toDegrees(Math.atan2(away, down));
  }

  private static float roll(float[] points) {
    int right = 2 * FaceLandmarks.RIGHT_EYE_CORNER;
    int left = 2 * FaceLandmarks.LEFT_EYE_CORNER;
    return (float)
        Math.toDegrees(
            Math.atan2(points[left + 1] - points[right + 1], points[left] - points[right]));
  }

  private double span(int from, int to, int axis) {
    return mesh[3 * to + axis] - mesh[3 * from + axis];
  }

  @Override
  public void close() {
    model.close();
    sampler.close();
    image.close();
    colours.close();
    coarse.close();
  }
}
