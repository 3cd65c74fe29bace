package dev.mien.preprocessing.clip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.Test;

public class ClipPlanTest {

  private static final int MAXIMUM = 64;

  @Test
  public void tracksAreCutIntoWholeClipsAndARestThatIsOfUse() {
    assertThat(lengths(195)).containsExactly(64, 64, 34, 33); // VoxCeleb2's mean
    assertThat(lengths(100)).containsExactly(64, 36);
    assertThat(lengths(96)).containsExactly(64, 32);
    assertThat(lengths(95)).containsExactly(48, 47);
    assertThat(lengths(64)).containsExactly(64);
    assertThat(lengths(16)).containsExactly(16);
  }

  @Test
  public void clipsAreAsFewAsCanBeAndLongEnoughForStrideTwo() {
    for (int frames = MAXIMUM + 1; frames < 2000; frames++) {
      List<Integer> lengths = lengths(frames);
      assertThat(lengths).as("%d frames", frames).hasSize((frames + MAXIMUM - 1) / MAXIMUM);
      assertThat(lengths).as("%d frames", frames).allMatch(length -> length >= 32);
      assertThat(lengths.stream().mapToInt(length -> length).sum()).isEqualTo(frames);
    }
  }

  private static List<Integer> lengths(int frames) {
    List<Integer> lengths = new ArrayList<>();
    for (int left = frames; left > 0; left -= lengths.get(lengths.size() - 1)) {
      lengths.add(ClipPlan.nextLength(left, MAXIMUM));
    }
    return lengths;
  }
}
