package dev.mien.spark.pretrain;

/** A run ended before its last round; the message says why, and where it goes on. */
public final class RunStoppedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RunStoppedException(String message, Throwable cause) {
    super(message, cause);
  }
}
