package dev.mien.spark.progress;

/** What a failure says, without what follows: Spark's messages go on for pages. */
public final class FirstLine {

  private FirstLine() {}

  /** The first line of its message; {@code null} as a word where it has none. */
  public static String of(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }
}
