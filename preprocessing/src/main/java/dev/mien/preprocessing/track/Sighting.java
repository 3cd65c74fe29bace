package dev.mien.preprocessing.track;

import dev.mien.preprocessing.detect.Box;
import dev.mien.preprocessing.detect.FaceLandmarks;

/**
 * One face in one frame, before smoothing.
 *
 * @param box in the geometry of {@link FaceLandmarks#box()}
 * @param score the detector's last score for this face; 0 in a bridged gap
 * @param landmarks the face's points; their presence is 0 in a bridged gap
 */
public record Sighting(Box box, float score, FaceLandmarks landmarks) {
  Sighting withScore(float newScore) {
    return new Sighting(box, newScore, landmarks);
  }

  /** What lies the given share of the way from this sighting to a later one. */
  Sighting towards(Sighting later, float share) {
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
        0,
        new FaceLandmarks(
            points,
            0,
            mix(landmarks.yaw(), end.yaw(), share),
            mix(landmarks.pitch(), end.pitch(), share),
            mix(landmarks.roll(), end.roll(), share)));
  }

  private static float mix(float from, float to, float share) {
    return from + share * (to - from);
  }
}
