package dev.mien.spark.resident;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
  public void whatWasNotKeptIsClosed() {
    Residents<String, Thing> residents = new Residents<>(key -> new Thing());
    Thing thing;
    try (var lease = residents.borrow("a")) {
      thing = lease.thing();
    }

    assertThat(thing.isClosed()).isTrue();
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
    try (var lease = residents.borrow(key)) {
      lease.keep();
      return lease.thing();
    }
  }
}
