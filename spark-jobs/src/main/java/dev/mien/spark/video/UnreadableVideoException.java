package dev.mien.spark.video;

import dev.mien.preprocessing.video.BrokenVideoException;
import java.io.IOException;

/**
 * The bytes of a video cannot be had; it costs that video and is tried again by the next run. The
 * message is the reason for the video's row.
 */
public final class UnreadableVideoException extends IOException {

  /** What the message begins with when no disk of this machine could hold a copy. */
  static final String TOO_LARGE = "larger than the local disk";

  private static final long serialVersionUID = 1L;

  /** Its file system does not give them. */
  UnreadableVideoException(Exception cause) {
    super(BrokenVideoException.UNREADABLE + ": " + cause.getMessage(), cause);
  }

  /** Storage does not give what belongs to it and decides what is made of it. */
  public UnreadableVideoException(String what, IOException cause) {
    super(BrokenVideoException.UNREADABLE + ": " + what + ": " + cause.getMessage(), cause);
  }

  UnreadableVideoException(String reason) {
    super(reason);
  }
}
