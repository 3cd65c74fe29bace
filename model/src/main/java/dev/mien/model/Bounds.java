package dev.mien.model;

/** Checks settings against their bounds; a message says what a value must be. */
public final class Bounds {

  private Bounds() {}

  /** Requires a value of at least 1. */
  public static void requirePositive(String what, int value) {
    if (value < 1) {
      throw invalid(what, value, "be positive");
    }
  }

  /** Requires a value of at least 0. */
  public static void requireAtLeastZero(String what, long value) {
    if (value < 0) {
      throw invalid(what, value, "be at least 0");
    }
  }

  /** Requires a finite value of at least 0. */
  public static void requireAtLeastZero(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw invalid(what, value, "be at least 0");
    }
  }

  /** Requires a value in [0,1). */
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
