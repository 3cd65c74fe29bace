package dev.mien.spark.pretrain.replica;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;

/**
 * Ends a task that hangs, by an interrupt; if the task ignores that, by ending its executor, which
 * Spark replaces. Spark tries the task again as often as {@code spark.task.maxFailures} says.
 */
public final class TaskLimit {

  /** Exit code of an executor whose task ignored an interrupt; {@code timeout} uses the same. */
  public static final int HUNG = 124;

  private static final Duration GRACE = Duration.ofSeconds(20);

  /** The executor's id where one process is driver and executor. */
  private static final String DRIVER = "driver";

  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "mien-task-limit");
            thread.setDaemon(true);
            return thread;
          });

  private TaskLimit() {}

  /** Work that is limited. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Runs work in this thread, for a limited time.
   *
   * @param limit zero means no limit
   * @param name of the work, for the message
   * @throws IllegalStateException when the work was interrupted because it took longer
   */
  static <T> T within(Duration limit, String name, Work<T> work) throws IOException {
    if (limit.isZero()) {
      return work.run();
    }

    String message =
        "%s did not end within training.task-limit = %d s".formatted(name, limit.toSeconds());
    Deadline deadline = new Deadline(Thread.currentThread());
    ScheduledFuture<?> interrupt =
        CLOCK.schedule(deadline::pass, limit.toNanos(), TimeUnit.NANOSECONDS);
    ScheduledFuture<?> halt =
        CLOCK.schedule(() -> halt(message), limit.plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
    try {
      return work.run();
    } catch (Exception e) {
      if (deadline.hasPassed()) {
        throw new IllegalStateException(message, e);
      }
      throw e;
    } finally {
      halt.cancel(false);
      interrupt.cancel(false);
      deadline.end();
    }
  }

  /** By its lock, the timer's thread interrupts the work either before its end or not at all. */
  private static final class Deadline {

    private final Thread worker;
    private boolean passed;
    private boolean ended;

    private Deadline(Thread worker) {
      this.worker = worker;
    }

    synchronized void pass() {
      if (!ended) {
        passed = true;
        worker.interrupt();
      }
    }

    synchronized boolean hasPassed() {
      return passed;
    }

    /** Called by the worker at its end, so that no interrupt reaches its next work. */
    synchronized void end() {
      ended = true;
      if (passed) {
        Thread.interrupted();
      }
    }
  }

  private static void halt(String message) {
    if (DRIVER.equals(SparkEnv.get().executorId())) {
      System.err.println(
          message
              + " and does not heed an interrupt (kill this process, which is the driver, too, and go"
              + " on with --resume)");
      return;
    }
    System.err.println(message + " and did not heed an interrupt: ending this executor");
    Runtime.getRuntime().halt(HUNG);
  }
}
