package dev.mien.spark.resident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class SharedTest {

  private Shared<String, Thing> shared;
  private CountDownLatch goOn;

  private static final class Thing implements AutoCloseable {

    private final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public void close() {
      assertThat(closed.getAndSet(true)).as("closed before").isFalse();
    }
  }

  @BeforeMethod
  public void begin() {
    shared = new Shared<>();
    goOn = new CountDownLatch(1);
  }

  @Test
  public void allWhoUseItHaveTheSameAndTheLastClosesIt() throws IOException {
    var first = shared.borrow("a", Thing::new);
    var second = shared.borrow("a", Thing::new);
    var other = shared.borrow("b", Thing::new);
    Thing thing = first.thing();

    assertThat(second.thing()).isSameAs(thing);
    assertThat(other.thing()).isNotSameAs(thing);

    first.close();
    first.close();
    assertThat(thing.closed).as("the second uses it").isFalse();
    second.close();
    assertThat(thing.closed).isTrue();
    assertThat(shared.borrow("a", Thing::new).thing()).isNotSameAs(thing);
    assertThat(other.thing().closed).isFalse();
  }

  @Test
  public void whoeverAsksWhileItIsBeingOpenedWaitsForIt() throws Exception {
    var first = opening(Thing::new);
    CompletableFuture<Shared<String, Thing>.Lease> second = new CompletableFuture<>();
    Thread waiting = waiting(() -> second.complete(borrow(Thing::new)));
    goOn.countDown();
    waiting.join();

    assertThat(second.get().thing()).isSameAs(first.get().thing());
  }

  @Test
  public void whatCannotBeOpenedIsTriedAgainByTheNext() throws IOException {
    FileNotFoundException gone = new FileNotFoundException("gone");
    assertThatThrownBy(
            () ->
                shared.borrow(
                    "gone",
                    () -> {
                      throw gone;
                    }))
        .isSameAs(gone);

    try (var lease = shared.borrow("gone", Thing::new)) {
      assertThat(lease.thing().closed).isFalse();
    }
  }

  @Test
  public void whoeverWaitsFailsWithTheOneThatOpens() throws Exception {
    var first =
        opening(
            () -> {
              throw new IllegalStateException("a mount that hangs");
            });
    CompletableFuture<Throwable> second = new CompletableFuture<>();
    Thread waiting =
        waiting(() -> second.complete(catchThrowable(() -> shared.borrow("slow", Thing::new))));
    goOn.countDown();
    waiting.join();

    assertThat(second.get())
        .isInstanceOf(IOException.class)
        .hasMessage("Another task could not open it either: a mount that hangs");
    assertThatThrownBy(first::join).hasRootCauseMessage("a mount that hangs");
  }

  @Test
  public void whoeverWaitsCanBeInterrupted() throws Exception {
    var first = opening(Thing::new);
    CompletableFuture<Throwable> second = new CompletableFuture<>();
    Thread waiting =
        waiting(() -> second.complete(catchThrowable(() -> shared.borrow("slow", Thing::new))));
    waiting.interrupt();
    assertThat(second.get()).isInstanceOf(InterruptedIOException.class);
    goOn.countDown();

    Thing thing = first.get().thing();
    assertThat(thing.closed).isFalse();
    first.get().close();
    assertThat(thing.closed).isTrue();
  }

  /** Another thread has begun to open it, and ends when it may go on. */
  private CompletableFuture<Shared<String, Thing>.Lease> opening(Shared.Opening<Thing> end)
      throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    var lease =
        CompletableFuture.supplyAsync(
            () ->
                borrow(
                    () -> {
                      begun.countDown();
                      await(goOn);
                      return end.open();
                    }));
    begun.await();
    return lease;
  }

  /** Has begun to wait. */
  private static Thread waiting(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    Awaitility.await().until(() -> thread.getState() == Thread.State.WAITING);
    return thread;
  }

  private Shared<String, Thing>.Lease borrow(Shared.Opening<Thing> opening) {
    try {
      return shared.borrow("slow", opening);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
