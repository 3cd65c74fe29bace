package dev.mien.spark.isolate;

import java.util.Map;

/** What the status of a process that ended says. */
final class ExitStatus {

  private static final int SIGNALLED = 128;

  /** Of what was sent SIGKILL. */
  static final int KILLED = SIGNALLED + 9;

  /** Of a JVM that was asked to end, by SIGTERM. */
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

  /** {@code SIGSEGV}, or {@code exit status 1} when it was no signal of Linux's that kills. */
  static String name(int status) {
    return SIGNALS.getOrDefault(status - SIGNALLED, "exit status " + status);
  }
}
