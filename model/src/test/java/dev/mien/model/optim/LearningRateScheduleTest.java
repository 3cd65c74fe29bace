package dev.mien.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.testng.annotations.Test;

public class LearningRateScheduleTest {
  @Test
  public void risesFromZeroAndFallsAsACosine() {
    var schedule = new LearningRateSchedule(1.0, 0.2, 10, 110);
    assertThat(schedule.at(0)).isZero();
    assertThat(schedule.at(5)).isEqualTo(0.5);
    assertThat(schedule.at(10)).isEqualTo(1.0);
    assertThat(schedule.at(60)).isCloseTo(0.6, within(1e-12));
    assertThat(schedule.at(35)).isCloseTo(0.6 + 0.4 * Math.sqrt(0.5), within(1e-12));
    assertThat(schedule.at(110)).isEqualTo(0.2);
    assertThat(schedule.at(1_000_000)).isEqualTo(0.2);
  }

  /** The authors' training steps its scheduler at the end of an epoch's first batch. */
  @Test
  public void theReferenceMovesOnAfterTheFirstStepOfAnEpoch() {
    var each = new LearningRateSchedule(1.0, 0.2, 10, 110);
    LearningRateSchedule epochs = each.every(2.5);
    // epochs begin at steps 0, 2.5, 5, 7.5: their first steps are 0, 3, 5, 8
    assertThat(LongStream.range(0, 10).mapToDouble(epochs::at).toArray())
        .containsExactly(
            new double[] {
              0, 2.5 / 9, 2.5 / 9, 2.5 / 9, 5.0 / 9, 5.0 / 9, 7.5 / 9, 7.5 / 9, 7.5 / 9, 1
            },
            within(1e-12));
    assertThat(each.every(25).at(50)).isEqualTo(each.at(50));
    assertThat(each.every(25).at(74)).isEqualTo(each.at(75));
    assertThat(each.every(25).at(109)).isEqualTo(0.2);
    assertThatThrownBy(() -> each.every(-1))
        .hasMessage("Invalid period: -1.0 (must be at least 0 steps)");
  }

  /**
   * The rates that the authors' {@code _cosine_scheduler_factors} has for epochs of three steps, of
   * which two warm up: the steps' are 0, 0.2, 0.4, 0.6, 0.8 and 1, and then a cosine.
   */
  @Test
  public void theReferenceIsAtItsPeakInTheLastStepOfTheWarmUp() {
    LearningRateSchedule epochs = new LearningRateSchedule(1.0, 0.2, 6, 12).every(3);
    assertThat(LongStream.range(0, 10).mapToDouble(epochs::at).toArray())
        .containsExactly(new double[] {0, 0.6, 0.6, 0.6, 1, 1, 1, 0.6, 0.6, 0.6}, within(1e-12));

    LearningRateSchedule steps = new LearningRateSchedule(1.0, 0.2, 6, 12).every(1);
    assertThat(LongStream.range(0, 6).mapToDouble(steps::at).toArray())
        .containsExactly(new double[] {0, 0.2, 0.4, 0.6, 0.8, 1}, within(1e-12));
    assertThat(new LearningRateSchedule(1.0, 0.2, 1, 12).every(1).at(0)).isZero();
  }

  @Test
  public void scalesWithTheBatchAsMarlin() {
    LearningRateSchedule schedule = LearningRateSchedule.of(AdamWOptions.marlin(), 64, 0, 100);
    assertThat(schedule.peak()).isCloseTo(3.75e-5, within(1e-18));
    assertThat(schedule.floor()).isCloseTo(2.5e-6, within(1e-18));
    assertThat(schedule.at(0)).isEqualTo(schedule.peak());
  }

  @Test
  public void decaysWeightsOnly() {
    assertThat(DecayScope.WEIGHTS.covers("encoder.blocks.0.attn.qkv.weight")).isTrue();
    assertThat(DecayScope.WEIGHTS.covers("encoder.blocks.0.norm1.weight")).isFalse();
    assertThat(DecayScope.WEIGHTS.covers("decoder.norm.weight")).isFalse();
    assertThat(DecayScope.WEIGHTS.covers("decoder.head.bias")).isFalse();
    assertThat(DecayScope.WEIGHTS.covers("encoder.blocks.0.attn.q_bias")).isFalse();
    assertThat(DecayScope.WEIGHTS.covers("decoder.mask_token")).isFalse();
    assertThat(DecayScope.EVERY_PARAMETER.covers("decoder.mask_token")).isTrue();
  }

  @Test
  public void namesWhatIsWrong() {
    assertThatThrownBy(() -> new LearningRateSchedule(1, 2, 0, 1))
        .hasMessage("Invalid learning rates: peak 1.0, floor 2.0 (must be 0 <= floor <= peak)");
    assertThatThrownBy(() -> new LearningRateSchedule(1, 0, 5, 4))
        .hasMessageStartingWith("Invalid steps: 5 of warm-up in 4");
    assertThatThrownBy(
            () -> new AdamWOptions(1e-3, 0, 0.9, 1, 1e-8, 0, 0, DecayScope.EVERY_PARAMETER))
        .hasMessage("Invalid beta2: 1.0 (must be in [0,1))");
    assertThatThrownBy(
            () -> new AdamWOptions(1e-3, 0, 0.9, 0.95, 1e-50, 0, 0, DecayScope.EVERY_PARAMETER))
        .hasMessage("Invalid epsilon: 1.0E-50 (must be above 0, in float32 too)");
    assertThatThrownBy(
            () -> new AdamWOptions(1e-3, 1e-2, 0.9, 0.9, 1e-8, 0, 0, DecayScope.EVERY_PARAMETER))
        .hasMessage(
            "Invalid minimum learning rate: 0.01 (must not exceed the learning rate, 0.001)");
  }
}
