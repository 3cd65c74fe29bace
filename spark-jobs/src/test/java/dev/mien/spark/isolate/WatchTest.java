package dev.mien.spark.isolate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.config.IsolationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.testng.annotations.Test;

/** What a watch does about memory that no other bound is on. */
public class WatchTest {

  private static final long MEBI = 1 << 20;

  @Test
  public void aProcessThatHoldsTooMuchIsKilled() throws Exception {
    Process process = holding(300);
    try {
      Watch watch = Watch.over(process);
      assertThat(process.getInputStream().read()).as("has its memory").isEqualTo('!');
      watch.begin(limits(200 * MEBI));

      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("has ended").isTrue();
      assertThat(watch.verdict()).contains(new Death(DeathKind.OUT_OF_MEMORY, "more than 200 MiB"));
      assertThat(process.exitValue()).as("SIGKILL").isEqualTo(128 + 9);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  public void aProcessWithinItsLimitsIsLeftAlone() throws Exception {
    Process process = holding(300);
    try {
      Watch watch = Watch.over(process);
      watch.begin(limits(2048 * MEBI));
      assertThat(process.getInputStream().read()).as("has its memory").isEqualTo('!');
      process.getOutputStream().close();

      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("has ended").isTrue();
      assertThat(watch.verdict()).isEmpty();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  public void timeThatWeTakeIsNotTheVideos() throws Exception {
    Process process = holding(20);
    try {
      AtomicLong now = new AtomicLong();
      Watch watch = Watch.over(process, now::get);
      watch.begin(limits(2048 * MEBI));
      now.addAndGet(Duration.ofMinutes(3).toNanos());
      watch.pause();
      now.addAndGet(Duration.ofHours(1).toNanos());
      watch.judge();
      watch.proceed();
      now.addAndGet(Duration.ofMinutes(1).toNanos());
      watch.judge();
      assertThat(watch.verdict()).as("after 4 minutes of 5, and an hour of ours").isEmpty();

      now.addAndGet(Duration.ofMinutes(2).toNanos());
      watch.judge();
      assertThat(watch.verdict())
          .contains(new Death(DeathKind.TOO_SLOW, "more than 300 s at frame 0"))
          .map(Death::reason)
          .contains("decoding too slow: more than 300 s at frame 0");
      watch.pause();
      assertThat(watch.spentNanos()).isEqualTo(Duration.ofMinutes(6).toNanos());
    } finally {
      process.destroyForcibly();
    }
  }

  private static IsolationOptions limits(long memory) {
    return new IsolationOptions(Duration.ofMinutes(5), Duration.ofMinutes(5), memory);
  }

  /** A process with so many MiB in its hands until its input ends. */
  private static Process holding(int size) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms" + size + "m",
            "-Xmx" + size + "m",
            "-XX:+AlwaysPreTouch",
            "-cp",
            System.getProperty("java.class.path"),
            WatchTest.class.getName())
        .start();
  }

  /** Says that it is there and waits. */
  public static void main(String... arguments) throws IOException {
    System.out.write('!');
    System.out.flush();
    System.in.read();
  }
}
