package dev.mien.spark.dataset;

/** Another run published first, or was changing the same tables; this one has changed nothing. */
public final class ConcurrentPublicationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ConcurrentPublicationException(String message, Throwable cause) {
    super(message, cause);
  }
}
