package dev.mien.model.nn;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Delays the end of this process until computations have finished: the end shuts PyTorch down, and
 * a computation that is still running then would crash the process. Computations do not begin any
 * more once the end has begun.
 */
final class ProcessEnd {

  static final String AWAITED_BY = "mien-process-end";

  /** Longer than most steps take; whoever asks a process to end kills it before that. */
  private static final long LIMIT_SECONDS = 300;

  /** Computations hold the read lock, the end holds the write lock. */
  private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();

  static {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(ProcessEnd::await, AWAITED_BY));
    } catch (IllegalStateException e) {
      // The process is ending already, and no longer waits for anything.
    }
  }

  private ProcessEnd() {}

  /** A computation that the end must not cut off. */
  @FunctionalInterface
  interface Computation<T, E extends Exception> {
    T result() throws E;
  }

  /** Computes in this thread; the end of the process waits for it. */
  static <T, E extends Exception> T after(Computation<T, E> computation) throws E {
    LOCK.readLock().lock();
    try {
      return computation.result();
    } finally {
      LOCK.readLock().unlock();
    }
  }

  /** Computes in this thread, without a result. */
  static void after(Runnable computation) {
    after(
        () -> {
          computation.run();
          return null;
        });
  }

  /**
   * Runs in this thread, and the end of the process waits for it. Does nothing once the end has
   * begun, since closing a network on the way out must not wait.
   */
  static void before(Runnable last) {
    if (LOCK.readLock().tryLock()) {
      try {
        last.run();
      } finally {
        LOCK.readLock().unlock();
      }
    }
  }

  /** Waits for the computations, and keeps the lock so that none begins. */
  private static void await() {
    try {
      if (!LOCK.writeLock().tryLock(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "A network still computes after " + LIMIT_SECONDS + " s: not waited for");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
