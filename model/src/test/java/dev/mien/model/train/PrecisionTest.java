package dev.mien.model.train;

import static dev.mien.model.train.Batches.OPTIMISER;
import static dev.mien.model.train.Batches.RATIO;
import static dev.mien.model.train.Batches.TINY;
import static dev.mien.model.train.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import ai.djl.Device;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The network in bfloat16 against the same in float32. */
public class PrecisionTest {
  /** With no first moment decay the moment after one step is the gradient itself. */
  private static final AdamWOptions GRADIENT =
      new AdamWOptions(0, 0, 0, 0.95, 1e-8, 0, 0, DecayScope.EVERY_PARAMETER);

  /** On processors attention to few tokens is computed in one piece, to many head by head. */
  @DataProvider
  public Object[][] tokens() {
    return new Object[][] {
      {TINY}, {new MarlinArchitecture(64, 4, 4, 2, 24, 2, 3, 16, 2, 2)} // 32 and 512
    };
  }

  @Test(dataProvider = "tokens")
  public void lossesAndGradientsAgreeToTheShorterMantissa(MarlinArchitecture a) {
    try (LocalTrainer exact = open(a, Precision.FLOAT32, GRADIENT);
        LocalTrainer rounded = open(a, Precision.BFLOAT16, GRADIENT)) {
      StepLoss expected = exact.step(batch(a, 4, 1), 0);
      StepLoss actual = rounded.step(batch(a, 4, 1), 0);
      assertThat(actual).isNotEqualTo(expected); // it is another computation
      assertThat(actual.reconstruction()).isCloseTo(expected.reconstruction(), withPercentage(0.2));
      assertThat(actual.gradientNorm()).isCloseTo(expected.gradientNorm(), withPercentage(1));
      float[] expectedSlopes = exact.state().firstMoment().values();
      float[] actualSlopes = rounded.state().firstMoment().values();
      assertThat(distance(actualSlopes, expectedSlopes))
          .as("relative distance of the gradients, seed 1")
          .isLessThan(0.03);
    }
  }

  @Test
  public void theStateKeepsStepsThatBfloat16WouldLose() {
    float[] start = TrainingState.initial(TINY, 42).parameters().values();
    int scale = TINY.layout().offset("encoder.norm.weight"); // all ones
    try (LocalTrainer rounded = open(TINY, Precision.BFLOAT16, OPTIMISER)) {
      rounded.step(batch(4, 1), 1e-5);
      float[] after = rounded.state().parameters().values();
      for (int i = scale; i < scale + TINY.encoderWidth(); i++) {
        assertThat(Math.abs(after[i] - start[i])).as("value %d", i).isBetween(1e-6f, 2e-5f);
      }
    }
  }

  @Test
  public void aHundredStepsEndWithinAPercentOfFloat32() {
    assertThat(trained(Precision.BFLOAT16))
        .isCloseTo(trained(Precision.FLOAT32), withPercentage(1));
  }

  private static double trained(Precision precision) {
    try (LocalTrainer trainer = open(TINY, precision, OPTIMISER)) {
      for (int step = 0; step < 100; step++) {
        trainer.step(batch(4, step), 1e-3);
      }
      return trainer.evaluate(batch(16, 999)).reconstruction();
    }
  }

  private static LocalTrainer open(
      MarlinArchitecture a, Precision precision, AdamWOptions optimiser) {
    var objective = new ObjectiveOptions(MaskStrategy.RANDOM, RATIO, 0.01);
    var execution = new Execution(Device.cpu(), precision, 0);
    LocalTrainer trainer = LocalTrainer.open(a, objective, optimiser, execution);
    trainer.load(TrainingState.initial(a, 42));
    return trainer;
  }

  private static double distance(float[] actual, float[] expected) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
