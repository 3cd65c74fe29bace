package dev.mien.spark.evaluate;

import dev.mien.preprocessing.detect.FaceLandmarks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.Locale;

/**
 * An attribute of a face that a probe predicts. It is measured in a frame's landmarks, {@code
 * [468,2]} in pixels, of which only directions and ratios count. Yaw and pitch are given by the
 * place of the nose's tip, between the cheeks and along the upright face; they correlate at 0.99
 * and 0.98 with the angles by the landmark model's own depths (means of 82 clips of 13 videos).
 * Gaps are in heights of the face: a width shrinks as the head turns, and would make a mouth seem
 * to open.
 */
enum Attribute {
  /** In degrees, positive when the face is turned towards the image's right. */
  YAW,
  /**
   * How far the nose is below the cheeks, in heights of the face; larger when the face looks down.
   */
  PITCH,
  /** The gap between the lips, in heights of the face. */
  MOUTH,
  /** The gap between the lids, in heights of the face, mean of both eyes. */
  EYES;

  private static final int NOSE = 1;
  private static final int RIGHT_CHEEK = 234;
  private static final int LEFT_CHEEK = 454;
  private static final int UPPER_LIP = 13;
  private static final int LOWER_LIP = 14;
  private static final int[] RIGHT_LIDS = {159, 145};
  private static final int[] LEFT_LIDS = {386, 374};
  private static final int RIGHT_CORNER = 33; // the outer corners of the eyes
  private static final int LEFT_CORNER = 263;

  /** The name in tables. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The mean over some frames of a clip; NaN where it cannot be measured in one of them, because
   * points coincide or the nose is outside the cheeks.
   *
   * @param landmarks {@code [T,468,2]} int16, little-endian, in 1/64 pixels
   */
  double mean(byte[] landmarks, int... frames) {
    ShortBuffer points = ByteBuffer.wrap(landmarks).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    double sum = 0;
    for (int frame : frames) {
      sum += of(new Face(points, frame * FaceLandmarks.POINTS * 2));
    }
    return sum / frames.length;
  }

  private double of(Face face) {
    return switch (this) {
      case YAW -> {
        double half = face.across(RIGHT_CHEEK, LEFT_CHEEK) / 2;
        double turn = (face.across(RIGHT_CHEEK, NOSE) - half) / half;
        // With the nose outside the cheeks it is a profile, whose other half the landmark model
        // makes up.
        yield Math.abs(turn) <= 1 ? Math.toDegrees(Math.asin(turn)) : Double.NaN;
      }
      case PITCH ->
          (face.down(RIGHT_CHEEK, NOSE) + face.down(LEFT_CHEEK, NOSE)) / (2 * face.height());
      case MOUTH -> face.distance(UPPER_LIP, LOWER_LIP) / face.height();
      case EYES -> (face.gap(RIGHT_LIDS) + face.gap(LEFT_LIDS)) / (2 * face.height());
    };
  }

  /** The landmarks of a frame, which start at {@code first}. */
  private record Face(ShortBuffer points, int first) {

    private double dx(int from, int to) {
      return points.get(first + 2 * to) - points.get(first + 2 * from);
    }

    private double dy(int from, int to) {
      return points.get(first + 2 * to + 1) - points.get(first + 2 * from + 1);
    }

    private double distance(int from, int to) {
      return Math.hypot(dx(from, to), dy(from, to));
    }

    /** Distance along the line through the eyes. */
    private double across(int from, int to) {
      return (dx(from, to) * dx(RIGHT_CORNER, LEFT_CORNER)
              + dy(from, to) * dy(RIGHT_CORNER, LEFT_CORNER))
          / distance(RIGHT_CORNER, LEFT_CORNER);
    }

    /** Distance at right angles to the line through the eyes. */
    private double down(int from, int to) {
      return (dy(from, to) * dx(RIGHT_CORNER, LEFT_CORNER)
              - dx(from, to) * dy(RIGHT_CORNER, LEFT_CORNER))
          / distance(RIGHT_CORNER, LEFT_CORNER);
    }

    private double gap(int... lids) {
      return distance(lids[0], lids[1]);
    }

    private double height() {
      return distance(FaceLandmarks.FOREHEAD, FaceLandmarks.CHIN);
    }
  }
}
