package dev.mien.spark.pretrain.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.testng.annotations.Test;

public class TaskLimitTest {

  @Test
  public void whatHangsIsNamedHoweverSoonItHeedsTheInterrupt() {
    CountDownLatch never = new CountDownLatch(1);
    for (int i = 0; i < 2000; i++) {
      assertThatThrownBy(
              () -> TaskLimit.within(Duration.ofNanos(100_000), "It", () -> await(never)))
          .as("try %d", i)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("It did not end within training.task-limit = 0 s");
      assertThat(Thread.interrupted()).as("interrupted after try %d", i).isFalse();
    }
  }

  private static boolean await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }
}
