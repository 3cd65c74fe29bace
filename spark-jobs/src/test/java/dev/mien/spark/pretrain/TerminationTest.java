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
}
