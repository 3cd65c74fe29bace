package dev.mien.spark.resident;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/**
 * Things that stay open in this process between tasks, each used by one task at a time. All that
 * are idle belong to one key; asking for another closes them.
 *
 * @param <K> what a thing was opened for, compared by value
 * @param <T> the thing
 */
public final class Residents<K, T extends AutoCloseable> {

  private final Function<K, T> open;
  private final Deque<T> idle = new ArrayDeque<>();
  private K key;

  /**
   * None yet.
   *
   * @param open makes a thing when none is idle
   */
  public Residents(Function<K, T> open) {
    this.open = open;
  }

  /** A thing for the caller alone, until the lease is closed. */
  public Lease borrow(K wanted) {
    synchronized (idle) {
      if (!wanted.equals(key)) {
        idle.forEach(Residents::discard);
        idle.clear();
        key = wanted;
      }
      T thing = idle.poll();
      return new Lease(wanted, thing != null ? thing : open.apply(wanted));
    }
  }

  /** Closing it gives the thing back if it was kept, and closes it if not. */
  public final class Lease implements AutoCloseable {

    private final K lentFor;
    private final T thing;
    private boolean kept;

    private Lease(K lentFor, T thing) {
      this.lentFor = lentFor;
      this.thing = thing;
    }

    public T thing() {
      return thing;
    }

    /** Says that the thing is as good as new: the task did not fail in the middle of using it. */
    public void keep() {
      kept = true;
    }

    @Override
    public void close() {
      synchronized (idle) {
        if (kept && lentFor.equals(key)) {
          idle.push(thing);
        } else {
          discard(thing);
        }
      }
    }
  }

  private static void discard(AutoCloseable thing) {
    try {
      thing.close();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot close " + thing, e);
    }
  }
}
