package dev.mien.spark.resident;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Keeps resources open in this process between tasks; each is used by one task at a time. Idle ones
 * belong to the keys asked for last: one key, unless more are wanted; asking for another key closes
 * those of the oldest. A resource opened in one place, such as a GPU, is not lent for another
 * place.
 *
 * @param <K> what a resource is opened for, compared by value
 * @param <T> the resource
 */
public final class Residents<K, T extends AutoCloseable> {

  private final Function<K, T> open;
  private final int keys;
  private final Optional<Duration> idleLimit;
  private final Deque<Idle<K, T>> idle = new ArrayDeque<>();
  private final Deque<K> recent = new ArrayDeque<>();

  /** A resource that was given back; each time it is another entry. */
  private static final class Idle<K, T> {

    private final K key;
    private final Object place;
    private final T thing;

    private Idle(K key, Object place, T thing) {
      this.key = key;
      this.place = place;
      this.thing = thing;
    }
  }

  /**
   * Keeps resources for one key.
   *
   * @param open opens a resource when none is idle
   */
  public Residents(Function<K, T> open) {
    this(open, 1, Optional.empty());
  }

  /**
   * Keeps resources for several keys.
   *
   * @param open opens a resource when none is idle
   * @param keys how many keys, those asked for last, keep their resources open
   */
  public Residents(Function<K, T> open, int keys) {
    this(open, keys, Optional.empty());
  }

  /**
   * Keeps resources for one key, for a while.
   *
   * @param open opens a resource when none is idle
   * @param idleLimit after which a resource that nobody has borrowed is closed
   */
  public Residents(Function<K, T> open, Duration idleLimit) {
    this(open, 1, Optional.of(idleLimit));
  }

  private Residents(Function<K, T> open, int keys, Optional<Duration> idleLimit) {
    this.open = open;
    this.keys = keys;
    this.idleLimit = idleLimit;
  }

  /** Lends a resource of no particular place to the caller alone, until the lease is closed. */
  public Lease borrow(K wanted) {
    return borrow(wanted, "");
  }

  /**
   * Lends a resource that was opened in this place to the caller alone, until the lease is closed.
   */
  public Lease borrow(K wanted, Object place) {
    List<Idle<K, T>> surplus;
    Optional<Idle<K, T>> last;
    synchronized (idle) {
      recent.remove(wanted);
      recent.push(wanted);
      if (recent.size() > keys) {
        recent.removeLast();
      }
      surplus = idle.stream().filter(one -> !recent.contains(one.key)).toList();
      idle.removeAll(surplus);
      last =
          idle.stream()
              .filter(one -> one.key.equals(wanted) && one.place.equals(place))
              .findFirst();
      last.ifPresent(idle::remove);
    }
    // Outside the lock, since closing and opening may take seconds, in which others borrow and give
    // back.
    surplus.forEach(old -> discard(old.thing));
    return new Lease(wanted, place, last.map(one -> one.thing).orElseGet(() -> open.apply(wanted)));
  }

  private void giveBack(Idle<K, T> given) {
    idle.push(given);
    idleLimit.ifPresent(
        limit ->
            CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> expire(given)));
  }

  private void expire(Idle<K, T> given) {
    boolean stillIdle;
    synchronized (idle) {
      stillIdle = idle.remove(given);
    }
    if (stillIdle) {
      discard(given.thing);
    }
  }

  /**
   * Closing a lease gives the resource back if {@link #keep} was called, and closes the resource if
   * not; closing the lease again does nothing.
   */
  public final class Lease implements AutoCloseable {

    private final K lentFor;
    private final Object place;
    private final T thing;
    private boolean kept;
    private boolean closed;

    private Lease(K lentFor, Object place, T thing) {
      this.lentFor = lentFor;
      this.place = place;
      this.thing = thing;
    }

    public T thing() {
      return thing;
    }

    /** Says that the resource is intact: the task did not fail while using it. */
    public void keep() {
      kept = true;
    }

    @Override
    public void close() {
      boolean stays;
      synchronized (idle) {
        if (closed) {
          return;
        }
        closed = true;
        stays = kept && recent.contains(lentFor);
        if (stays) {
          giveBack(new Idle<>(lentFor, place, thing));
        }
      }
      if (!stays) {
        discard(thing);
      }
    }
  }

  static void discard(AutoCloseable thing) {
    try {
      thing.close();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot close " + thing, e);
    }
  }
}
