package dev.mien.spark.isolate;

/**
 * Why a decoding process ended, or had to be ended, in its work.
 *
 * @param reason a short stable phrase, with ": " before any detail
 */
record Death(Kind kind, String reason) {

  enum Kind {
    /** It said so itself. */
    FAILED,
    CRASHED,
    /** From outside, which no process does to itself. */
    KILLED,
    OUT_OF_MEMORY,
    HUNG,
    /** It took all of the time that a video may. */
    TOO_SLOW
  }
}
