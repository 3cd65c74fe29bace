package dev.mien.spark.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mien.spark.exchange.StateChunks;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.Test;

public class OuterStepTest {

  private static final float[] MOMENT = {7, 8};

  @Test
  public void withoutMomentumAndWithAWholeRateTheStepIsTheAverage() {
    OuterStep step = OuterStep.nesterov(state(1, 2), state(4, -2), Optional.empty(), 1, 0);

    assertThat(step.vectors().values(0, 0, 2)).containsExactly(4f, -2f);
  }

  @Test
  public void stepsGoWhereTheReplicasWentAndTheMomentsStay() {
    // Δ = 0 - 1 = -1, v = -1, θ = 0 - 0.7 (-1 - 0.9)
    OuterStep first = OuterStep.nesterov(state(0, 0), state(1, -1), Optional.empty(), 0.7, 0.9);
    assertThat(first.vectors().values(0, 0, 2))
        .containsExactly(new float[] {1.33f, -1.33f}, within(1e-6f));
    assertThat(first.vectors().values(1, 0, 2)).isEqualTo(MOMENT);

    // the replicas stay where they are: v = -0.9, θ = 1.33 - 0.7 · 0.9 · -0.9
    OuterStep second =
        OuterStep.nesterov(
            first.vectors(), first.vectors(), Optional.of(first.momentum()), 0.7, 0.9);
    assertThat(second.vectors().values(0, 0, 1))
        .containsExactly(new float[] {1.897f}, within(1e-6f));
  }

  private static StateChunks state(float... parameters) {
    return StateChunks.of(List.of(parameters, MOMENT), 2);
  }
}
