package dev.mien.spark.video;

import java.io.IOException;

/** The bytes of a video cannot be had; it costs that video and is tried again by the next run. */
public final class UnreadableVideoException extends IOException {

  private static final long serialVersionUID = 1L;

  UnreadableVideoException(Exception cause) {
    super(cause.getMessage(), cause);
  }
}
