package dev.mien.spark.isolate;

/** Thrown when a decoding process died of a video, or had to be killed for it. */
final class DecodingDeathException extends Exception {

  private static final long serialVersionUID = 1L;

  private final DeathKind kind;
  private final String lastWords;
  private final long spentNanos;

  /**
   * Says that a process died.
   *
   * @param lastWords what the process said of it, for a log; may be empty
   * @param spentNanos how long the process had worked on the video
   */
  DecodingDeathException(Death death, String lastWords, long spentNanos) {
    super(death.reason());
    this.kind = death.kind();
    this.lastWords = lastWords;
    this.spentNanos = spentNanos;
  }

  DeathKind kind() {
    return kind;
  }

  String lastWords() {
    return lastWords;
  }

  long spentNanos() {
    return spentNanos;
  }
}
