package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.testng.annotations.Test;

public class TerminationTest {

  @Test
  public void aJobThatBeginsAfterTheSignalIsCancelledToo() throws InterruptedException {
    CountDownLatch cancelled = new CountDownLatch(2);
    Termination termination = Termination.watch(cancelled::countDown);
    Thread signal = new Thread(termination::hold);

    signal.start();

    boolean twice = cancelled.await(10, TimeUnit.SECONDS);
    termination.close();
    signal.join();

    assertThat(twice).as("cancelled twice").isTrue();
  }

  @Test
  public void aContextThatHasStoppedIsNotTheEndOfTheWait() throws InterruptedException {
    CountDownLatch cancelled = new CountDownLatch(2);
    Termination termination =
        Termination.watch(
            () -> {
              cancelled.countDown();
              throw new IllegalStateException("Cannot call methods on a stopped SparkContext");
            });
    Thread signal = new Thread(termination::hold);

    signal.start();

    boolean waits = cancelled.await(10, TimeUnit.SECONDS);
    termination.close();
    signal.join();

    assertThat(waits).as("waits for the checkpoint").isTrue();
  }
}
