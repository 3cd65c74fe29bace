package dev.mien.spark.isolate;

/** A decoding process died of a video, or had to be killed for it. */
final class DecodingDeathException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String lastWords;

  /**
   * One death.
   *
   * @param reason a short stable phrase, with ": " before any detail
   * @param lastWords what the process said of it, for a log; may be empty
   */
  DecodingDeathException(String reason, String lastWords) {
    super(reason);
    this.lastWords = lastWords;
  }

  String lastWords() {
    return lastWords;
  }
}
