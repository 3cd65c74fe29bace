package dev.mien.spark.run;

import java.io.IOException;

/** What was read is not what was written, and reading again would not help. */
final class DamagedException extends IOException {

  private static final long serialVersionUID = 1L;

  DamagedException(String message) {
    super(message);
  }

  DamagedException(String message, Throwable cause) {
    super(message, cause);
  }
}
