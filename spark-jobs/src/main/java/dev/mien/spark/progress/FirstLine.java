package dev.mien.spark.progress;

/** Shortens messages to their first line: Spark's go on for pages. */
public final class FirstLine {

  private FirstLine() {}

  /** The first line of an exception's message; the word {@code null} where it has none. */
  public static String of(Throwable failure) {
    return of(String.valueOf(failure.getMessage()));
  }

  /** The first line of a text; empty where it has none. */
  public static String of(String text) {
    return text.lines().findFirst().orElse("");
  }
}
