package dev.mien.spark.isolate;

/** Why a decoding process ended in its work, or was ended. */
public enum DeathKind {
  /** The process said itself that preprocessing threw something. */
  FAILED("decoding failed"),
  CRASHED("decoding crashed"),
  /** A signal came from outside: no process kills itself. */
  KILLED("decoding killed from outside"),
  OUT_OF_MEMORY("out of memory"),
  /** The process gave no sign for long, by its own fault or that of its disk. */
  HUNG("decoding hung"),
  /** The process took all of the time that a video may, which a busy machine may have taken. */
  TOO_SLOW("decoding too slow");

  private final String reason;

  DeathKind(String reason) {
    this.reason = reason;
  }

  /** The stable phrase that the reason of the quarantined video begins with, before a colon. */
  public String reason() {
    return reason;
  }
}
