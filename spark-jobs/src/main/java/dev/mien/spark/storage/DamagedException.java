package dev.mien.spark.storage;

import java.io.IOException;

/** What was read is not what was written, or it is gone: reading again would not help. */
public final class DamagedException extends IOException {

  private static final long serialVersionUID = 1L;

  public DamagedException(String message) {
    super(message);
  }

  public DamagedException(String message, Throwable cause) {
    super(message, cause);
  }
}
