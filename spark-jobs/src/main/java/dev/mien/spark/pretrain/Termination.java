package dev.mien.spark.pretrain;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Delays SIGTERM and Ctrl-C until the run has written where it stands. Spark and Hadoop end
 * afterwards, in the order of their hooks, and the process exits with 128 plus the signal's number.
 * Closing this means that there is nothing to wait for.
 */
final class Termination implements AutoCloseable {

  /** Before Spark's own hook, which is 30 above Hadoop's. */
  private static final int PRIORITY = FileSystem.SHUTDOWN_HOOK_PRIORITY + 40;

  private static final long LIMIT_SECONDS = 300;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Runnable cancel;
  private final Runnable hook = this::hold;
  private volatile boolean requested;

  private Termination(Runnable cancel) {
    this.cancel = cancel;
  }

  /**
   * Begins to watch for signals.
   *
   * @param cancel interrupts what the run is waiting for
   */
  static Termination watch(Runnable cancel) {
    Termination termination = new Termination(cancel);
    ShutdownHookManager.get()
        .addShutdownHook(termination.hook, PRIORITY, LIMIT_SECONDS, TimeUnit.SECONDS);
    return termination;
  }

  boolean requested() {
    return requested;
  }

  @Override
  public void close() {
    done.countDown();
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }

  void hold() {
    requested = true;
    try {
      do {
        cancel(); // again, since the next job may only be about to begin
      } while (!done.await(1, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void cancel() {
    try {
      cancel.run();
    } catch (RuntimeException e) {
      // Spark has stopped before: there are no jobs, but perhaps a checkpoint to wait for.
    }
  }
}
