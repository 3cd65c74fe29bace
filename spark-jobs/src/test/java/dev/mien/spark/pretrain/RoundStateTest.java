package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.config.InnerState;
import dev.mien.spark.exchange.StateChunks;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.testng.annotations.Test;

/** Where a round's moments come from, after rounds that averaged everything. */
public class RoundStateTest {

  private static final RoundState AVERAGED =
      new RoundState(
          2,
          2,
          2,
          StateChunks.of(List.of(new float[1], new float[1], new float[1]), 1),
          Optional.empty(),
          Map.of());

  @Test
  public void averagesGoOnWhileAllIsAveraged() {
    for (InnerState configured : InnerState.values()) {
      assertThat(AVERAGED.momentsFrom(configured, true)).isEqualTo(InnerState.AVERAGE);
    }
  }

  @Test
  public void replicasBeginWithTheAverageUnlessEachRoundBeginsAnew() {
    assertThat(AVERAGED.momentsFrom(InnerState.LOCAL, false)).isEqualTo(InnerState.AVERAGE);
    assertThat(AVERAGED.momentsFrom(InnerState.RESET, false)).isEqualTo(InnerState.RESET);
  }
}
