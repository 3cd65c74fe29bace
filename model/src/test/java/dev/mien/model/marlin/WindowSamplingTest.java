package dev.mien.model.marlin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.testng.annotations.Test;

public class WindowSamplingTest {
  @Test
  public void marlinLosesTheTail() {
    assertThat(starts(WindowSampling.marlin(), 214)).containsExactly(0, 32, 64, 96, 128, 160);
    // the second window would fit exactly and is lost all the same
    assertThat(starts(WindowSampling.marlin(), 64)).containsExactly(0);
    assertThat(starts(WindowSampling.marlin(), 65)).containsExactly(0, 32);
  }

  @Test
  public void coveringReachesTheLastFrame() {
    assertThat(starts(WindowSampling.covering(), 214))
        .containsExactly(0, 32, 64, 96, 128, 160, 182);
    assertThat(starts(WindowSampling.covering(), 64)).containsExactly(0, 32);
    for (int frames = 33; frames < 140; frames++) {
      List<int[]> windows = WindowSampling.covering().windows(frames);
      assertThat(windows.get(windows.size() - 1)[15]).as("%d frames", frames).isEqualTo(frames - 2);
    }
  }

  @Test
  public void shortVideosAreNotSampledAndRepeatTheirLastFrame() {
    for (WindowSampling sampling : List.of(WindowSampling.marlin(), WindowSampling.covering())) {
      assertThat(sampling.windows(20)).hasSize(1);
      assertThat(sampling.windows(20).get(0))
          .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
      assertThat(sampling.windows(3).get(0))
          .containsExactly(0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
    }
    assertThatThrownBy(() -> WindowSampling.marlin().windows(0))
        .hasMessage("Invalid frame count: 0 (must be positive)");
  }

  private static List<Integer> starts(WindowSampling sampling, int frames) {
    return sampling.windows(frames).stream().map(window -> window[0]).toList();
  }
}
