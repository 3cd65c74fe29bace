package dev.mien.spark.isolate;

/**
 * One decoding process's death.
 *
 * @param detail what sets it apart from others of its kind
 */
record Death(DeathKind kind, String detail) {

  /** The reason of the video that the process died of: a stable phrase, a colon and the detail. */
  String reason() {
    return kind.reason() + ": " + detail;
  }
}
