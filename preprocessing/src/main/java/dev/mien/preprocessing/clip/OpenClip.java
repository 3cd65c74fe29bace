package dev.mien.preprocessing.clip;

import static org.bytedeco.opencv.global.opencv_core.CV_16S;
import static org.bytedeco.opencv.global.opencv_core.absdiff;
import static org.bytedeco.opencv.global.opencv_core.mean;
import static org.bytedeco.opencv.global.opencv_core.meanStdDev;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2GRAY;
import static org.bytedeco.opencv.global.opencv_imgproc.Laplacian;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import dev.mien.preprocessing.crop.CropOptions;
import dev.mien.preprocessing.crop.Square;
import dev.mien.preprocessing.detect.FaceLandmarks;
import dev.mien.preprocessing.picture.FrameFormat;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.preprocessing.track.FaceQuality;
import dev.mien.preprocessing.video.UnsupportedVideoException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;

/** A clip that frames are being added to. Close it when it is done or given up. */
final class OpenClip implements AutoCloseable {
  private static final int LANDMARK_UNITS = 64;

  // While the crop changes by no more than this many grey levels on average, the outlines stay.
  private static final double STILL = 4;
  private static final int STILL_INTERVALS = 4;

  private final ClipPlan plan;
  private final FrameFormat format;
  private final List<byte[]> images = new ArrayList<>();
  private final long[] timestamps;
  private final byte[] regions;
  private final short[] landmarks;
  private final float[] points = new float[2 * FaceLandmarks.POINTS];
  private final Mat surroundings = new Mat();
  private final Mat surroundingsGrey = new Mat();
  private final Mat scratch = new Mat();
  private Mat grey = new Mat();
  private Mat previousGrey = new Mat();
  private int surroundingsFrame = -1;
  private int frame;
  private long bytes;
  private float presence;
  private double sharpness;
  private double brightness;
  private double motion;
  private final long[] fingerprint = new long[Clip.FINGERPRINT_FRAMES];
  private int fingerprinted;

  OpenClip(ClipPlan plan, FrameFormat format) {
    this.plan = plan;
    this.format = format;
    this.timestamps = new long[plan.frames()];
    this.regions = new byte[plan.frames() * RegionMapper.CELLS * RegionMapper.CELLS];
    this.landmarks = new short[plan.frames() * 2 * FaceLandmarks.POINTS];
  }

  ClipPlan plan() {
    return plan;
  }

  Square square() {
    return plan.squares().get(frame);
  }

  /** The landmark model's score of the current frame, in [0,1]. */
  float presence() {
    return presence;
  }

  byte[] regions() {
    return regions;
  }

  int regionOffset() {
    return frame * RegionMapper.CELLS * RegionMapper.CELLS;
  }

  /** Whether the surroundings must be found anew, because the crop has changed since they were. */
  boolean areSurroundingsDue(int interval) {
    if (surroundingsFrame < 0 || frame - surroundingsFrame >= STILL_INTERVALS * interval) {
      return true;
    }
    if (frame - surroundingsFrame < interval) {
      return false;
    }
    absdiff(grey, surroundingsGrey, scratch);
    try (Scalar change = mean(scratch)) {
      return change.get(0) > STILL;
    }
  }

  /** The image of the surroundings, to be overwritten with this frame's. */
  Mat newSurroundings() {
    surroundingsFrame = frame;
    grey.copyTo(surroundingsGrey);
    return surroundings;
  }

  Mat surroundings() {
    return surroundings;
  }

  /** The current frame's {@code [468,2]} landmarks in crop pixels. */
  float[] pointsInCrop() {
    return points;
  }

  /** Adds the quality figures of the current frame's crop, and its landmarks. */
  void measure(Mat crop) {
    Mat swap = previousGrey;
    previousGrey = grey;
    grey = swap;
    cvtColor(crop, grey, COLOR_BGR2GRAY);
    try (Scalar level = mean(grey)) {
      brightness += level.get(0);
    }
    Laplacian(grey, scratch, CV_16S);
    try (Mat average = new Mat();
        Mat deviation = new Mat()) {
      meanStdDev(scratch, average, deviation);
      double spread = deviation.createIndexer().getDouble(0);
      sharpness += spread * spread;
    }
    if (frame > 0) {
      absdiff(grey, previousGrey, scratch);
      try (Scalar change = mean(scratch)) {
        motion += change.get(0);
      }
    }
    while (fingerprinted < fingerprint.length && frame == fingerprintFrame(fingerprinted)) {
      fingerprint[fingerprinted++] = PerceptualHash.of(grey);
    }
    placeLandmarks();
  }

  /** The frame of a fingerprint's hash: the middle of each quarter of the clip. */
  private int fingerprintFrame(int number) {
    return (2 * number + 1) * plan.frames() / (2 * Clip.FINGERPRINT_FRAMES);
  }

  private void placeLandmarks() {
    FaceLandmarks seen = plan.sequence().sightings().get(plan.from() + frame).landmarks();
    presence = seen.presence();
    float[] source = seen.points();
    double scale = CropOptions.SIZE / square().side();
    double left = square().centreX() - square().side() / 2;
    double top = square().centreY() - square().side() / 2;
    int offset = frame * points.length;
    for (int i = 0; i < points.length; i += 2) {
      points[i] = (float) ((source[i] - left) * scale);
      points[i + 1] = (float) ((source[i + 1] - top) * scale);
      landmarks[offset + i] = fixedPoint(points[i]);
      landmarks[offset + i + 1] = fixedPoint(points[i + 1]);
    }
  }

  private static short fixedPoint(float value) {
    long units = Math.round((double) value * LANDMARK_UNITS);
    return (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, units));
  }

  /**
   * Ends the current frame.
   *
   * @throws UnsupportedVideoException when it makes the clip too large, which is not known before,
   *     since it depends on how well frames compress
   */
  void add(long timestampMicros, byte[] image) throws UnsupportedVideoException {
    timestamps[frame] = timestampMicros;
    images.add(image);
    frame++;
    bytes += image.length + PreprocessingOptions.FRAME_BYTES;
    if (bytes > PreprocessingOptions.MOST_CLIP_BYTES) {
      throw new UnsupportedVideoException(
          "clip too large: more than %d MiB in %d of its %d frames (lower preprocessing.clip.maximum-frames)"
              .formatted(PreprocessingOptions.MOST_CLIP_BYTES >> 20, frame, plan.frames()));
    }
  }

  /** The finished clip. */
  Clip clip() {
    int n = plan.frames();
    double seconds = (timestamps[n - 1] - timestamps[0]) / 1e6;
    return new Clip(
        plan.clipId(),
        plan.trackId(),
        plan.index(),
        timestamps,
        n,
        CropOptions.SIZE,
        CropOptions.SIZE,
        format,
        images,
        regions,
        landmarks,
        seconds > 0 ? (n - 1) / seconds : 0,
        quality(),
        fingerprint);
  }

  /** The figures of the finished clip. */
  FaceQuality quality() {
    int n = plan.frames();
    return plan.quality()
        .withPixels(
            (float) (sharpness / n),
            (float) (brightness / n),
            (float) (motion / Math.max(1, n - 1)));
  }

  @Override
  public void close() {
    surroundings.close();
    surroundingsGrey.close();
    scratch.close();
    grey.close();
    previousGrey.close();
  }
}
