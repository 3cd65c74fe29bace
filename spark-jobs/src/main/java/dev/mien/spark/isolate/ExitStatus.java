package dev.mien.spark.isolate;

import java.util.Map;

/** What the exit status of a process means. */
final class ExitStatus {

  private static final int SIGNALLED = 128;

  /** The status of a process that was sent SIGKILL. */
  static final int KILLED = SIGNALLED + 9;

  /** The status of a JVM that was asked to end, by SIGTERM. */
  static final int TERMINATED = SIGNALLED + 15;

  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "SIGILL",
          6, "SIGABRT",
          7, "SIGBUS",
          8, "SIGFPE",
          9, "SIGKILL",
          11, "SIGSEGV",
          15, "SIGTERM");

  private ExitStatus() {}

  /**
   * The name of the signal that a process died of, as {@code SIGSEGV}, or {@code exit status 1}
   * when the status stands for none of Linux's fatal signals.
   */
  static String name(int status) {
    return SIGNALS.getOrDefault(status - SIGNALLED, "exit status " + status);
  }
}
