package dev.mien.model.nn;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The end of this process, which waits for computations: PyTorch is taken down on the way, and what
 * still computes in it then crashes the process. What has not begun by then never does.
 */
final class ProcessEnd {

  static final String AWAITED_BY = "mien-process-end";

  /** Longer than most steps; who has asked a process to end kills it before. */
  private static final long LIMIT_SECONDS = 300;

  /** Computations read, the end writes. */
  private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();

  static {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(ProcessEnd::await, AWAITED_BY));
    } catch (IllegalStateException e) {
      // It is ending already, and waits for nothing any more.
    }
  }

  private ProcessEnd() {}

  /** What is not to be cut off by the end. */
  @FunctionalInterface
  interface Computation<T, E extends Exception> {
    T result() throws E;
  }

  /** Computes in this thread, and holds up the end meanwhile. */
  static <T, E extends Exception> T after(Computation<T, E> computation) throws E {
    LOCK.readLock().lock();
    try {
      return computation.result();
    } finally {
      LOCK.readLock().unlock();
    }
  }

  /** The same of what gives nothing. */
  static void after(Runnable computation) {
    after(
        () -> {
          computation.run();
          return null;
        });
  }

  /**
   * Runs in this thread, and holds up the end meanwhile; not at all once the process is over, which
   * whoever closes a network on the way must not wait for.
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

  /** The lock is kept. */
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
