package dev.mien.spark.progress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;
import org.testng.annotations.Test;

public class ProgressTest {

  @Test
  public void whatWasDoneBeforeCountsForTheTaskAndNotForItsSpeed() {
    try (ProgressBar bar = Progress.bar("Pretrain", "steps", 1000, 2000)) {
      bar.stepTo(1010);

      assertThat(bar.getNormalizedProgress()).isEqualTo(0.505);
      assertThat(bar.getCurrent() - bar.getStart()).as("steps in the time taken").isEqualTo(10);
      assertThat(bar.getElapsedBeforeStart()).isZero();
    }
  }

  @Test
  public void aLogHasTwentyLinesAndOneAtLeastEveryTenMinutes() {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    AtomicLong minutes = new AtomicLong();
    try (Progress progress =
        new Progress.Lines(
            "Pretrain",
            "steps",
            1000,
            new PrintStream(log, true, UTF_8),
            () -> TimeUnit.MINUTES.toNanos(minutes.get()))) {
      for (int minute = 0; minute < 26; minute++) {
        minutes.set(minute);
        progress.reach(minute, "");
      }
      progress.reach(50, "");
      progress.reach(99, "");
    }

    assertThat(log.toString(UTF_8).lines())
        .containsExactly(
            "Pretrain: 0 of 1000 steps",
            "Pretrain: 10 of 1000 steps",
            "Pretrain: 20 of 1000 steps",
            "Pretrain: 50 of 1000 steps");
  }
}
