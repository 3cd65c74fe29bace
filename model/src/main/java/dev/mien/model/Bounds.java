package dev.mien.model;

/** Refuses values of settings that are out of bounds, by a message that says what they must be. */
public final class Bounds {

  private Bounds() {}

  /** Refuses what is less than 1. */
  public static void requirePositive(String what, int value) {
    if (value < 1) {
      throw invalid(what, value, "be positive");
    }
  }

  /** Refuses what is negative. */
  public static void requireAtLeastZero(String what, long value) {
    if (value < 0) {
      throw invalid(what, value, "be at least 0");
    }
  }

  /** Refuses what is negative, infinite or no number. */
  public static void requireAtLeastZero(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw invalid(what, value, "be at least 0");
    }
  }

  /** Refuses what is negative, 1 and more, or no number. */
  public static void requireFraction(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw invalid(what, value, "be in [0,1)");
    }
  }

  private static IllegalArgumentException invalid(String what, Object value, String bounds) {
    return new IllegalArgumentException(
        "Invalid " + what + ": " + value + " (must " + bounds + ")");
  }
}
