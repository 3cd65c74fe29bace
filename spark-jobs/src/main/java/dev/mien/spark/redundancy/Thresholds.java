package dev.mien.spark.redundancy;

/** The default distance of near-duplicates. */
public final class Thresholds {

  /**
   * A tenth of the 256 bits. In clips of ten people, copies at a lower bit rate, in another size or
   * another light were at most 22 bits away, and clips of another person at least 36.
   */
  public static final String DEFAULT = "26";

  private static final int MOST = 64;

  private Thresholds() {}

  static void check(int threshold) {
    if (threshold < 0 || threshold > MOST) {
      throw new IllegalArgumentException(
          "Invalid threshold: " + threshold + " (must be in [0," + MOST + "] bits)");
    }
  }
}
