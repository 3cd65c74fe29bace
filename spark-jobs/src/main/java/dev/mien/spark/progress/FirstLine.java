package dev.mien.spark.progress;

/** What a failure says, without what follows: Spark's messages go on for pages. */
public final class FirstLine {

  private FirstLine() {}

  /** The first line of its message; {@code null} as a word where it has none. */
  public static String of(Throwable failure) {
    return of(String.valueOf(failure.getMessage()));
  }

  /** The first line of a text; empty where it has none. */
  public static String of(String text) {
    return text.lines().findFirst().orElse("");
  }
}
