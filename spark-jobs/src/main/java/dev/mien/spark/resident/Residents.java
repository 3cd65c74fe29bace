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
 * Things that stay open in this process between tasks, each used by one task at a time. All that
 * are idle belong to the keys asked for last, which is one key unless more are wanted; asking for
 * another closes those of the oldest. A thing of one place, such as a GPU, is not lent for another.
 *
 * @param <K> what a thing was opened for, compared by value
 * @param <T> the thing
 */
public final class Residents<K, T extends AutoCloseable> {

  private final Function<K, T> open;
  private final int keys;
  private final Optional<Duration> idleLimit;
  private final Deque<Idle<K, T>> idle = new ArrayDeque<>();
  private final Deque<K> recent = new ArrayDeque<>();

  /** A thing that was given back; the same thing is another one each time. */
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
   * None yet.
   *
   * @param open makes a thing when none is idle
   */
  public Residents(Function<K, T> open) {
    this(open, 1, Optional.empty());
  }

  /**
   * None yet.
   *
   * @param open makes a thing when none is idle
   * @param keys for how many keys, those asked for last, things stay open
   */
  public Residents(Function<K, T> open, int keys) {
    this(open, keys, Optional.empty());
  }

  /**
   * None yet.
   *
   * @param open makes a thing when none is idle
   * @param idleLimit closes a thing that nobody has borrowed for so long
   */
  public Residents(Function<K, T> open, Duration idleLimit) {
    this(open, 1, Optional.of(idleLimit));
  }

  private Residents(Function<K, T> open, int keys, Optional<Duration> idleLimit) {
    this.open = open;
    this.keys = keys;
    this.idleLimit = idleLimit;
  }

  /** A thing for the caller alone, until the lease is closed, of no place. */
  public Lease borrow(K wanted) {
    return borrow(wanted, "");
  }

  /** A thing for the caller alone, until the lease is closed, that was opened in this place. */
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
    // Closing and opening may take seconds, in which others borrow and give back.
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
   * Closing it gives the thing back if it was kept, and closes it if not; closing it again does
   * nothing.
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

    /** Says that the thing is as good as new: the task did not fail in the middle of using it. */
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
