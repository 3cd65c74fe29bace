package dev.mien.spark.isolate;

/**
 * Thrown by a {@link ClipReceiver} that cannot hold all that a video gives, which costs that video
 * alone. The message is the reason that the video is quarantined with.
 */
public final class TooLargeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public TooLargeException(String reason) {
    super(reason);
  }
}
