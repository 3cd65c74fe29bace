package dev.mien.model.objective;

import dev.mien.model.marlin.MarlinArchitecture;

/** Which tokens of a clip the encoder sees. */
@SuppressWarnings("DoNotCallSuggester")
public final class Masks {
  private Masks() {}

  /** Tokens that stay visible, truncated as MARLIN does. */
  public static int visibleCount(MarlinArchitecture a, double maskRatio) {
    requireRatio(maskRatio);
    return (int) (a.tokens() * (1 - maskRatio));
  }

  /** Visible flags. */
  public static byte[] draw(
      MaskStrategy strategy, MarlinArchitecture a, double maskRatio, byte[] regions, long seed) {
    throw new UnsupportedOperationException();
  }

  static void requireRatio(double maskRatio) {
    if (!(maskRatio >= 0 && maskRatio < 1)) {
      throw new IllegalArgumentException(
          "Invalid mask ratio: " + maskRatio + " (must be in [0,1))");
    }
  }
}
