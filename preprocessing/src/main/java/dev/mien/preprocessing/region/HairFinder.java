package dev.mien.preprocessing.region;

import static org.bytedeco.opencv.global.opencv_core.CMP_GT;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.bitwise_and;
import static org.bytedeco.opencv.global.opencv_core.bitwise_not;
import static org.bytedeco.opencv.global.opencv_core.bitwise_or;
import static org.bytedeco.opencv.global.opencv_core.compare;
import static org.bytedeco.opencv.global.opencv_core.countNonZero;
import static org.bytedeco.opencv.global.opencv_core.subtract;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2Lab;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.THRESH_BINARY_INV;
import static org.bytedeco.opencv.global.opencv_imgproc.blur;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.dilate;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;
import static org.bytedeco.opencv.global.opencv_imgproc.threshold;

import dev.mien.preprocessing.crop.CropOptions;
import java.util.List;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Separates hair, skin and background around a face by colour. The skin's colours are learnt inside
 * the oval, the hair's on the person beside and above it. Above the mouth every pixel of the person
 * is one of the two, so that ears and a bare forehead are skin; below it only pixels coloured like
 * the hair above are hair, and neck and clothes are background. Not thread-safe; close it.
 */
public final class HairFinder implements AutoCloseable {
  /** Side of the masks in pixels, half a crop's, since the person mask is no finer. */
  static final int SIZE = CropOptions.SIZE / 2;

  // Squared distance above which a pixel beside the face is first taken for hair: three deviations.
  private static final double SURELY_SKIN = 9;
  // Squared distance below which a pixel under the mouth has the colour of the hair above.
  private static final double SAME_HAIR = 4;
  // With fewer pixels that are not skin, they are the mask's ragged edge round a bald head.
  private static final int LEAST_HAIR = 12;
  private static final int ROUNDS = 3;
  private static final int NEIGHBOURHOOD = 7;
  // Hair is followed down in steps of 6 pixels, as far as a crop has room below the mouth.
  private static final int STEP = 13;
  private static final int STEPS = 8;

  private final FaceOutlines outlines = new FaceOutlines((double) SIZE / CropOptions.SIZE);
  private final ColourModel skin = new ColourModel();
  private final ColourModel hair = new ColourModel();
  private final Size size = new Size(SIZE, SIZE);
  private final Mat small = new Mat();
  private final Mat lab = new Mat();
  private final Mat face = new Mat(SIZE, SIZE, CV_8U);
  private final Mat above = new Mat(SIZE, SIZE, CV_8U);
  private final Mat outside = new Mat();
  private final Mat beside = new Mat();
  private final Mat hairy = new Mat();
  private final Mat alike = new Mat();
  private final Mat skinDistance = new Mat();
  private final Mat hairDistance = new Mat();
  private final Mat contrast = new Mat();
  private final Mat thresholded = new Mat();
  private final Mat zero = new Mat(1, 1, CV_8U, new Scalar(0));
  private final Mat hairBit = new Mat(1, 1, CV_8U, new Scalar(Region.HAIR.bit()));
  private final Mat skinBit = new Mat(1, 1, CV_8U, new Scalar(Region.SKIN.bit()));
  private final Mat backgroundBit = new Mat(1, 1, CV_8U, new Scalar(Region.BACKGROUND.bit()));
  private final Mat other = new Mat();
  private final Mat hairShare = new Mat();
  private final Mat otherShare = new Mat();
  private final Mat reached = new Mat();
  private final Mat white = new Mat(1, 1, CV_8U, new Scalar(255));
  private final Size neighbourhood = new Size(NEIGHBOURHOOD, NEIGHBOURHOOD);
  private final Mat step = new Mat(STEP, STEP, CV_8U, new Scalar(1));

  /**
   * Writes each pixel's region bit, without regard to the oval, over which the face is drawn later.
   *
   * @param crop {@code [224,224]} BGR uint8
   * @param points {@code [468,2]} landmarks in crop pixels
   * @param person {@code [112,112]} uint8, 255 on the person and 0 elsewhere
   * @param surroundings {@code [112,112]} uint8
   */
  public void find(Mat crop, float[] points, Mat person, Mat surroundings) {
    resize(crop, small, size, 0, 0, INTER_AREA);
    cvtColor(small, lab, COLOR_BGR2Lab);
    above.setTo(zero);
    outlines.fillAboveMouth(above, points, 255);
    face.setTo(zero);
    outlines.fill(face, points, FaceMesh.OVAL, 255);
    bitwise_not(face, outside);
    bitwise_and(outside, person, outside);
    bitwise_and(outside, above, beside);
    boolean hasHair = learn(points);

    surroundings.create(SIZE, SIZE, CV_8U);
    surroundings.setTo(backgroundBit);
    bitwise_and(person, above, above);
    surroundings.setTo(skinBit, above);
    if (hasHair) {
      within(hairDistance, SAME_HAIR, alike);
      bitwise_or(alike, above, alike);
      preferHair(outside);
      bitwise_and(hairy, alike, hairy);
      followNeighbours();
      dropUnconnected();
      surroundings.setTo(hairBit, hairy);
    }
  }

  /**
   * Learns both colours from the current image; returns false when there is no hair beside the
   * face.
   */
  private boolean learn(float[] points) {
    for (int[] part : FaceMesh.NO_SKIN) {
      outlines.fill(face, points, part, 0);
    }
    if (countNonZero(face) == 0) {
      return false;
    }
    skin.learn(lab, face);
    skin.distances(lab, skinDistance);
    within(skinDistance, SURELY_SKIN, hairy);
    bitwise_not(hairy, hairy);
    bitwise_and(hairy, beside, hairy);
    for (int i = 0; i < ROUNDS; i++) {
      if (countNonZero(hairy) < LEAST_HAIR) {
        return false;
      }
      hair.learn(lab, hairy);
      hair.distances(lab, hairDistance);
      preferHair(beside);
    }
    return true;
  }

  /** Finds the pixels of a mask whose colour is more likely hair than skin. */
  private void preferHair(Mat mask) {
    subtract(hairDistance, skinDistance, contrast);
    within(contrast, skin.logVolume() - hair.logVolume(), hairy);
    bitwise_and(hairy, mask, hairy);
  }

  /** Decides for each pixel by the majority of the person's pixels around it. */
  private void followNeighbours() {
    subtract(outside, hairy, other);
    blur(hairy, hairShare, neighbourhood);
    blur(other, otherShare, neighbourhood);
    compare(hairShare, otherShare, hairy, CMP_GT);
    bitwise_and(hairy, outside, hairy);
  }

  /** Below the mouth, keeps only hair that is connected with hair above it. */
  private void dropUnconnected() {
    bitwise_and(hairy, above, reached);
    for (int i = 0; i < STEPS; i++) {
      dilate(reached, reached, step);
      bitwise_and(reached, hairy, reached);
    }
    hairy.setTo(zero);
    hairy.setTo(white, reached);
  }

  private void within(Mat values, double limit, Mat result) {
    threshold(values, thresholded, limit, 255, THRESH_BINARY_INV);
    thresholded.convertTo(result, CV_8U);
  }

  @Override
  public void close() {
    outlines.close();
    skin.close();
    hair.close();
    size.close();
    neighbourhood.close();
    for (Mat image :
        List.of(
            small,
            lab,
            face,
            above,
            outside,
            beside,
            hairy,
            alike,
            other,
            hairShare,
            otherShare,
            reached,
            step,
            skinDistance,
            hairDistance,
            contrast,
            thresholded,
            zero,
            white,
            hairBit,
            skinBit,
            backgroundBit)) {
      image.close();
    }
  }
}
