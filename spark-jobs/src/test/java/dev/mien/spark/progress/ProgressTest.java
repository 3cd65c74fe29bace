package dev.mien.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

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
}
