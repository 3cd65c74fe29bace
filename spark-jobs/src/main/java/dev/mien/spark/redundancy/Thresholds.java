package dev.mien.spark.redundancy;

/** How far apart near-duplicates may be. */
public final class Thresholds {

  /**
   * A tenth of the 256 bits. Of clips of ten people, copies at a lower bit rate, another size or in
   * another light were at most 22 bits away, clips of somebody else at least 36.
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
