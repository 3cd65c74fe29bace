package dev.mien.spark.video;

import dev.mien.preprocessing.video.BrokenVideoException;
import java.io.IOException;

/**
 * The bytes of a video cannot be read. It costs only that video, which the next run tries again.
 * The message is the reason in the video's row.
 */
public final class UnreadableVideoException extends IOException {

  /** How the message begins when no disk of this machine could hold a copy. */
  static final String TOO_LARGE = "larger than the local disk";

  private static final long serialVersionUID = 1L;

  /** The file system does not deliver the bytes. */
  UnreadableVideoException(Exception cause) {
    super(BrokenVideoException.UNREADABLE + ": " + cause.getMessage(), cause);
  }

  /** Storage does not deliver a file that belongs to the video and decides what is made of it. */
  public UnreadableVideoException(String what, IOException cause) {
    super(BrokenVideoException.UNREADABLE + ": " + what + ": " + cause.getMessage(), cause);
  }

  UnreadableVideoException(String reason) {
    super(reason);
  }
}
