package dev.mien.spark.resident;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.testng.annotations.Test;

public class ResidentsTest {

  private static final class Thing implements AutoCloseable {

    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public void close() {
      closed.countDown();
    }

    private boolean isClosed() {
      return closed.getCount() == 0;
    }
  }

  @Test
  public void whatWasKeptIsLentAgainForTheSameKeyAlone() {
    Residents<String, Thing> residents = new Residents<>(key -> new Thing());
    Thing thing = borrowed(residents, "a");

    assertThat(borrowed(residents, "a")).isSameAs(thing);
    assertThat(thing.isClosed()).isFalse();
    assertThat(borrowed(residents, "b")).isNotSameAs(thing);
    assertThat(thing.isClosed()).isTrue();
  }

  @Test
  public void aThingOfOneGpuIsNotLentForAnother() {
    Residents<String, Thing> residents = new Residents<>(key -> new Thing());
    Thing first = borrowed(residents, "a", Device.gpu(0));
    Thing second = borrowed(residents, "a", Device.gpu(1));

    assertThat(second).isNotSameAs(first);
    assertThat(borrowed(residents, "a", Device.gpu(0))).isSameAs(first);
    assertThat(borrowed(residents, "a", Device.gpu(1))).isSameAs(second);
    assertThat(borrowed(residents, "b", Device.gpu(1))).isNotSameAs(second);
    assertThat(first.isClosed()).isTrue();
    assertThat(second.isClosed()).isTrue();
  }

  @Test
  public void asManyKeysStayOpenAsWereAskedFor() {
    Residents<String, Thing> residents = new Residents<>(key -> new Thing(), 2);
    Thing a = borrowed(residents, "a");
    Thing b = borrowed(residents, "b");

    assertThat(borrowed(residents, "a")).isSameAs(a);
    borrowed(residents, "c");
    assertThat(b.isClosed()).as("of the key that was asked for least lately").isTrue();
    assertThat(borrowed(residents, "a")).isSameAs(a);
  }

  @Test(timeOut = 60_000)
  public void othersBorrowWhileOneIsOpened() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    CompletableFuture<Void> opened = new CompletableFuture<>();
    Residents<String, Thing> residents =
        new Residents<>(
            key -> {
              if (key.equals("slow")) {
                opening.countDown();
                opened.join();
              }
              return new Thing();
            },
            2);

    CompletableFuture<Thing> slow =
        CompletableFuture.supplyAsync(() -> borrowed(residents, "slow"));
    opening.await();
    borrowed(residents, "quick");
    opened.complete(null);
    assertThat(slow.get().isClosed()).isFalse();
  }

  @Test
  public void whatWasNotKeptIsClosed() {
    Residents<String, Thing> residents = new Residents<>(key -> new Thing());
    Thing thing;
    try (var lease = residents.borrow("a")) {
      thing = lease.thing();
    }

    assertThat(thing.isClosed()).isTrue();
  }

  @Test
  public void whatIsGivenBackTwiceIsLentToOneAtATime() {
    Residents<String, Thing> residents = new Residents<>(key -> new Thing());
    var lease = residents.borrow("a");
    lease.keep();
    lease.close();
    lease.close();

    Thing next = residents.borrow("a").thing();
    assertThat(next).isSameAs(lease.thing());
    lease.close();
    assertThat(residents.borrow("a").thing()).isNotSameAs(next);
  }

  @Test(timeOut = 60_000)
  public void whatNobodyBorrowsIsClosedAndWhatIsLentIsNot() throws InterruptedException {
    Residents<String, Thing> residents = new Residents<>(key -> new Thing(), Duration.ofMillis(1));
    try (var lease = residents.borrow("a")) {
      lease.keep();
      Thing idle = borrowed(residents, "a");

      idle.closed.await();
      assertThat(borrowed(residents, "a")).isNotSameAs(idle);
      assertThat(lease.thing().isClosed()).isFalse();
    }
  }

  private static Thing borrowed(Residents<String, Thing> residents, String key) {
    return borrowed(residents, key, "");
  }

  private static Thing borrowed(Residents<String, Thing> residents, String key, Object place) {
    try (var lease = residents.borrow(key, place)) {
      lease.keep();
      return lease.thing();
    }
  }
}
