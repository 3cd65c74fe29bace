package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.FaceLandmarks;

/**
 * One face in one frame, before smoothing.
 *
 * @param box in the geometry of {@link FaceLandmarks#box()}
 * @param score the detector's last score for this face; 0 in a bridged gap
 * @param landmarks the face's landmarks; their presence is 0 in a bridged gap
 */
public record Sighting(Box box, float score, FaceLandmarks landmarks) {
  Sighting withScore(float newScore) {
    return new Sighting(box, newScore, landmarks);
  }

  /**
   * The sighting for a frame in which the face was not found, the given share of the way to a later
   * one.
   */
  Sighting missed(Sighting later, float share) {
    return towards(later, share, 0, 0);
  }

  /**
   * The sighting for a frame in which the face was not looked for, the given share of the way to a
   * later one.
   */
  Sighting skipped(Sighting later, float share) {
    float presence = Math.min(landmarks.presence(), later.landmarks.presence());
    return towards(later, share, score, presence);
  }

  private Sighting towards(Sighting later, float share, float newScore, float presence) {
    Box to = later.box;
    Box between =
        new Box(
            mix(box.x(), to.x(), share),
            mix(box.y(), to.y(), share),
            mix(box.width(), to.width(), share),
            mix(box.height(), to.height(), share));
    FaceLandmarks end = later.landmarks;
    float[] points = new float[landmarks.points().length];
    for (int i = 0; i < points.length; i++) {
      points[i] = mix(landmarks.points()[i], end.points()[i], share);
    }
    return new Sighting(
        between,
        newScore,
        new FaceLandmarks(
            points,
            presence,
            mix(landmarks.yaw(), end.yaw(), share),
            mix(landmarks.pitch(), end.pitch(), share),
            mix(landmarks.roll(), end.roll(), share)));
  }

  private static float mix(float from, float to, float share) {
    return from + share * (to - from);
  }
}
