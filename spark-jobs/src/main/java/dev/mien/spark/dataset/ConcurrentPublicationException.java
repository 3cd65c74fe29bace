package dev.mien.spark.dataset;

/** Another run published first, or was at the same tables; nothing was changed by this one. */
public final class ConcurrentPublicationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ConcurrentPublicationException(String message, Throwable cause) {
    super(message, cause);
  }
}
