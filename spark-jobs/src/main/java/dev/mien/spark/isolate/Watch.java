package dev.mien.spark.isolate;

import dev.mien.spark.config.IsolationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Watches a process while it has work, from a thread of its own, and kills it when it stalls, takes
 * too long or holds too much memory.
 */
final class Watch {

  private static final long TICK_MILLIS = 100;
  private static final long KIBI = 1 << 10;
  private static final long MEBI = 1 << 20;
  private static final long GIBI = 1 << 30;

  private final Process process;
  private final Path status;
  private final LongSupplier nanoTime;
  private IsolationOptions limits;
  private boolean awaited;
  private long spent;
  private long lastSign;
  private int frame;
  private Death verdict;

  private Watch(Process process, LongSupplier nanoTime) {
    this.process = process;
    this.nanoTime = nanoTime;
    this.status = Path.of("/proc", Long.toString(process.pid()), "status");
  }

  /** Watches until the process ends. */
  static Watch over(Process process) {
    return over(process, System::nanoTime);
  }

  /** Watches as {@link #over(Process)} does, by the caller's clock. */
  static Watch over(Process process, LongSupplier nanoTime) {
    Watch watch = new Watch(process, nanoTime);
    Thread thread = new Thread(watch::run, "decoding-watch");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  /** Begins to watch, as work is given to the process. */
  synchronized void begin(IsolationOptions limits) {
    this.limits = limits;
    frame = 0;
    spent = 0;
    proceed();
  }

  /** Notes the frame that the process has come to. */
  synchronized void reach(int frame) {
    this.frame = frame;
  }

  /** Stops the clock: the process may have to wait for us, which is no time of its work. */
  synchronized void pause() {
    awaited = false;
    spent += sinceLastSign();
  }

  /** Starts the clock again: we wait for the process. */
  synchronized void proceed() {
    awaited = true;
    lastSign = nanoTime.getAsLong();
  }

  /** Stops watching: the work is done. */
  synchronized void end() {
    limits = null;
  }

  /** How long the process has worked since the work was given to it, until the last pause. */
  synchronized long spentNanos() {
    return spent;
  }

  /** Why the process was killed, if it was by this watch. */
  synchronized Optional<Death> verdict() {
    return Optional.ofNullable(verdict);
  }

  /** The death of a process that came to its bound of memory. */
  static Death outOfMemory(IsolationOptions limits) {
    return new Death(DeathKind.OUT_OF_MEMORY, "more than " + size(limits.memoryLimit()));
  }

  private void run() {
    try {
      while (!process.waitFor(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        judge();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }

  /** Kills the process when it has gone past one of its limits. */
  synchronized void judge() {
    if (limits == null || verdict != null) {
      return;
    }

    if (residentBytes() > limits.memoryLimit()) {
      verdict = outOfMemory(limits);
    } else if (awaited && sinceLastSign() > limits.stallLimit().toNanos()) {
      verdict =
          new Death(
              DeathKind.HUNG,
              "no frame for %s at frame %d".formatted(seconds(limits.stallLimit()), frame));
    } else if (awaited && spent + sinceLastSign() > limits.videoLimit().toNanos()) {
      verdict =
          new Death(
              DeathKind.TOO_SLOW,
              "more than %s at frame %d".formatted(seconds(limits.videoLimit()), frame));
    }

    if (verdict != null) {
      process.destroyForcibly();
    }
  }

  private long sinceLastSign() {
    return nanoTime.getAsLong() - lastSign;
  }

  private long residentBytes() {
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBI)
          .findFirst()
          .orElse(0); // a process that has ended holds none
    } catch (IOException e) {
      return 0;
    }
  }

  private static String seconds(Duration duration) {
    return duration.toSeconds() + " s";
  }

  private static String size(long bytes) {
    return bytes % GIBI == 0 ? bytes / GIBI + " GiB" : bytes / MEBI + " MiB";
  }
}
