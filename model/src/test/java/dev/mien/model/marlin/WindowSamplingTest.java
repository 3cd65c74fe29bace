package dev.mien.model.marlin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.testng.annotations.Test;

public class WindowSamplingTest {
  /** MARLIN's {@code extract_video}: 16 frames at stride 2, windows 16 apart. */
  private static final WindowSampling MARLIN =
      new WindowSampling(16, 2, 16, WindowSampling.Tail.DROPPED);

  /** MARLIN's strides, and no frame at the end is lost. */
  private static final WindowSampling COVERING =
      new WindowSampling(16, 2, 16, WindowSampling.Tail.COVERED);

  @Test
  public void marlinLosesTheTail() {
    assertThat(starts(MARLIN, 214)).containsExactly(0, 32, 64, 96, 128, 160);
    // the second window would fit exactly and is lost all the same
    assertThat(starts(MARLIN, 64)).containsExactly(0);
    assertThat(starts(MARLIN, 65)).containsExactly(0, 32);
  }

  @Test
  public void coveringReachesTheLastSpan() {
    assertThat(starts(COVERING, 214)).containsExactly(0, 32, 64, 96, 128, 160, 182);
    assertThat(starts(COVERING, 64)).containsExactly(0, 32);
    for (int frames = 33; frames < 140; frames++) {
      List<int[]> windows = COVERING.windows(frames);
      assertThat(windows.get(windows.size() - 1)[15]).as("%d frames", frames).isEqualTo(frames - 2);
    }
  }

  @Test
  public void aClipHasAWindowOfTheWidestStrideThatFits() {
    WindowSampling sparse = new WindowSampling(16, 4, 16, WindowSampling.Tail.COVERED);
    int[] wide = {0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60};
    assertThat(sparse.windows(64)).containsExactly(wide);
    assertThat(sparse.windows(61)).containsExactly(wide);
    assertThat(sparse.windows(60).get(0)[15]).isEqualTo(15);
    assertThat(COVERING.windows(31).get(0)[15]).isEqualTo(30);
  }

  @Test
  public void shortVideosAreTakenFrameByFrameAndRepeatTheirLastFrame() {
    int[] first = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    int[] repeated = {0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
    int[] end = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    assertThat(MARLIN.windows(20)).containsExactly(first);
    assertThat(COVERING.windows(20)).containsExactly(first, end);
    for (WindowSampling sampling : List.of(MARLIN, COVERING)) {
      assertThat(sampling.windows(16)).containsExactly(first);
      assertThat(sampling.windows(3)).containsExactly(repeated);
    }
    assertThatThrownBy(() -> MARLIN.windows(0))
        .hasMessage("Invalid frame count: 0 (must be positive)");
  }

  private static List<Integer> starts(WindowSampling sampling, int frames) {
    return sampling.windows(frames).stream().map(window -> window[0]).toList();
  }
}
