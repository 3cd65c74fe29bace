package dev.mien.spark.resident;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Things that stay open in this process between tasks, each used by one task at a time. All that
 * are idle belong to one key; asking for another closes them. A thing of one place, such as a GPU,
 * is not lent for another.
 *
 * @param <K> what a thing was opened for, compared by value
 * @param <T> the thing
 */
public final class Residents<K, T extends AutoCloseable> {

  private final Function<K, T> open;
  private final Optional<Duration> idleLimit;
  private final Deque<Idle<T>> idle = new ArrayDeque<>();
  private K key;

  /** A thing that was given back; the same thing is another one each time. */
  private static final class Idle<T> {

    private final Object place;
    private final T thing;

    private Idle(Object place, T thing) {
      this.place = place;
      this.thing = thing;
    }
  }

  /**
   * None yet.
   *
   * @param open makes a thing when none is idle
   */
  public Residents(Function<K, T> open) {
    this(open, Optional.empty());
  }

  /**
   * None yet.
   *
   * @param open makes a thing when none is idle
   * @param idleLimit closes a thing that nobody has borrowed for so long
   */
  public Residents(Function<K, T> open, Duration idleLimit) {
    this(open, Optional.of(idleLimit));
  }

  private Residents(Function<K, T> open, Optional<Duration> idleLimit) {
    this.open = open;
    this.idleLimit = idleLimit;
  }

  /** A thing for the caller alone, until the lease is closed, of no place. */
  public Lease borrow(K wanted) {
    return borrow(wanted, "");
  }

  /** A thing for the caller alone, until the lease is closed, that was opened in this place. */
  public Lease borrow(K wanted, Object place) {
    synchronized (idle) {
      if (!wanted.equals(key)) {
        idle.forEach(old -> discard(old.thing));
        idle.clear();
        key = wanted;
      }
      Optional<Idle<T>> last = idle.stream().filter(one -> one.place.equals(place)).findFirst();
      last.ifPresent(idle::remove);
      return new Lease(
          wanted, place, last.map(one -> one.thing).orElseGet(() -> open.apply(wanted)));
    }
  }

  private void giveBack(Idle<T> given) {
    idle.push(given);
    idleLimit.ifPresent(
        limit ->
            CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> expire(given)));
  }

  private void expire(Idle<T> given) {
    boolean stillIdle;
    synchronized (idle) {
      stillIdle = idle.remove(given);
    }
    if (stillIdle) {
      discard(given.thing);
    }
  }

  /** Closing it gives the thing back if it was kept, and closes it if not. */
  public final class Lease implements AutoCloseable {

    private final K lentFor;
    private final Object place;
    private final T thing;
    private boolean kept;

    private Lease(K lentFor, Object place, T thing) {
      this.lentFor = lentFor;
      this.place = place;
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
          giveBack(new Idle<>(place, thing));
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
