package dev.mien.spark.resident;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Resources that all tasks of this process use at the same time: the first one to ask opens the
 * resource, and the last one to give it back closes it. While it is being closed another may
 * already be opened.
 *
 * @param <K> what a resource is opened for, compared by value
 * @param <T> the resource, which many threads may use at once
 */
public final class Shared<K, T extends AutoCloseable> {

  private final Map<K, Use<T>> uses = new HashMap<>();

  /** Opens a resource. */
  @FunctionalInterface
  public interface Opening<T> {
    T open() throws IOException;
  }

  private static final class Use<T> {

    private final CompletableFuture<T> thing = new CompletableFuture<>();
    private int borrowers;
  }

  /**
   * Lends the resource until the lease is closed; others may use it as well.
   *
   * @param opening opens it if nobody has; others who ask for the same wait meanwhile, and fail if
   *     it fails
   */
  public Lease borrow(K wanted, Opening<T> opening) throws IOException {
    Use<T> use;
    boolean isFirst;
    synchronized (uses) {
      use = uses.computeIfAbsent(wanted, none -> new Use<>());
      isFirst = use.borrowers == 0;
      use.borrowers++;
    }
    Lease lease = new Lease(wanted, use);
    try {
      if (isFirst) {
        open(use, opening);
      } else {
        await(use);
      }
      return lease;
    } catch (IOException | RuntimeException | Error e) {
      lease.close();
      throw e;
    }
  }

  private static <T> void open(Use<T> use, Opening<T> opening) throws IOException {
    try {
      use.thing.complete(opening.open());
    } catch (IOException | RuntimeException | Error e) {
      use.thing.completeExceptionally(e);
      throw e;
    }
  }

  private static void await(Use<?> use) throws IOException {
    try {
      use.thing.get();
    } catch (ExecutionException e) {
      throw new IOException(
          "Another task could not open it either: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while another task was opening it");
    }
  }

  /** Closing a lease again does nothing. */
  public final class Lease implements AutoCloseable {

    private final K lentFor;
    private final Use<T> use;
    private boolean closed;

    private Lease(K lentFor, Use<T> use) {
      this.lentFor = lentFor;
      this.use = use;
    }

    public T thing() {
      return use.thing.join();
    }

    @Override
    public void close() {
      boolean isFailed;
      synchronized (uses) {
        if (closed) {
          return;
        }
        closed = true;
        use.borrowers--;
        isFailed = use.thing.isCompletedExceptionally();
        if (use.borrowers > 0 && !isFailed) {
          return;
        }
        uses.remove(lentFor, use); // the next one to ask opens another
      }
      if (!isFailed) {
        Residents.discard(use.thing.join());
      }
    }
  }
}
