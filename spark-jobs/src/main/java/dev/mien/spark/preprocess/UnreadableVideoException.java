package dev.mien.spark.preprocess;

import java.io.IOException;

/** The bytes of a video cannot be had; it costs that video and is tried again by the next run. */
final class UnreadableVideoException extends IOException {

  private static final long serialVersionUID = 1L;

  UnreadableVideoException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
