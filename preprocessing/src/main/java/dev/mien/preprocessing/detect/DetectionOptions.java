package dev.mien.preprocessing.detect;

/**
 * Thresholds for faces.
 *
 * @param shortRangeScore least score of the short-range detector, in (0,1)
 * @param fullRangeScore least score of the full-range detector, in (0,1)
 * @param presence least face score of the landmark model, in (0,1), for its landmarks to be used
 */
public record DetectionOptions(float shortRangeScore, float fullRangeScore, float presence) {
  public DetectionOptions {
    check("short-range score", shortRangeScore);
    check("full-range score", fullRangeScore);
    check("presence", presence);
  }

  /** MediaPipe's own thresholds. */
  public static DetectionOptions defaults() {
    return new DetectionOptions(0.5f, 0.6f, 0.5f);
  }

  private static void check(String name, float value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException("Invalid " + name + ": " + value + " (must be in (0,1))");
    }
  }
}
