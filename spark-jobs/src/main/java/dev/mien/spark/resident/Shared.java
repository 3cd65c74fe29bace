package dev.mien.spark.resident;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Things that this process has once each, for all tasks that use them at the same time: the first
 * to ask opens one, and the last to give it back closes it.
 *
 * @param <K> what a thing is opened for, compared by value
 * @param <T> the thing, which many threads may use at once
 */
public final class Shared<K, T extends AutoCloseable> {

  private final Map<K, Use<T>> uses = new HashMap<>();

  /** Opens a thing. */
  @FunctionalInterface
  public interface Opening<T> {
    T open() throws IOException;
  }

  private static final class Use<T> {

    private int borrowers;
    private T thing;
  }

  /**
   * The thing, for the caller and others, until the lease is closed.
   *
   * @param opening opens it if nobody has; others who want the same wait meanwhile
   */
  public Lease borrow(K wanted, Opening<T> opening) throws IOException {
    Use<T> use;
    synchronized (uses) {
      use = uses.computeIfAbsent(wanted, none -> new Use<>());
      use.borrowers++;
    }
    Lease lease = new Lease(wanted, use);
    boolean opened = false;
    try {
      synchronized (use) {
        if (use.thing == null) {
          use.thing = opening.open();
        }
      }
      opened = true;
      return lease;
    } finally {
      if (!opened) {
        lease.close();
      }
    }
  }

  /** Closing it again does nothing. */
  public final class Lease implements AutoCloseable {

    private final K lentFor;
    private final Use<T> use;
    private boolean closed;

    private Lease(K lentFor, Use<T> use) {
      this.lentFor = lentFor;
      this.use = use;
    }

    public T thing() {
      return use.thing;
    }

    @Override
    public void close() {
      synchronized (uses) {
        if (closed) {
          return;
        }
        closed = true;
        use.borrowers--;
        if (use.borrowers > 0) {
          return;
        }
        uses.remove(lentFor);
      }
      if (use.thing != null) {
        Residents.discard(use.thing);
      }
    }
  }
}
