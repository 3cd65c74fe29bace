package dev.mien.spark.isolate;

/** A decoding process died of a video, or had to be killed for it. */
final class DecodingDeathException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String lastWords;
  private final long spentNanos;

  /**
   * One death.
   *
   * @param reason a short stable phrase, with ": " before any detail
   * @param lastWords what the process said of it, for a log; may be empty
   * @param spentNanos how long the process had worked on the video
   */
  DecodingDeathException(String reason, String lastWords, long spentNanos) {
    super(reason);
    this.lastWords = lastWords;
    this.spentNanos = spentNanos;
  }

  String lastWords() {
    return lastWords;
  }

  long spentNanos() {
    return spentNanos;
  }
}
