package dev.mien.model.train;

import static dev.mien.model.train.Batches.OPTIMISER;
import static dev.mien.model.train.Batches.TINY;
import static dev.mien.model.train.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.objective.ObjectiveOptions.Adversary;
import dev.mien.model.objective.ReconstructionTarget;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.model.optim.SgdOptions;
import dev.mien.model.parameters.ParameterVector;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.testng.annotations.Test;

/**
 * A step in parts is the step of the whole, and several steps of one network on a batch are those
 * one after the other; all with a masked decoder and normalised targets.
 */
public class StepPartsTest {

  @Test
  public void aBatchInPartsTakesTheStepOfTheWhole() {
    var objective = all(new Adversary(0.1, 2, 2, 10));
    var sgd = new SgdOptions(1, 0, 0.5);
    ClipBatch batch = masked(5, 3);
    TrainingState whole = stepped(objective, sgd, 0, start(), batch);
    TrainingState parts = stepped(objective, sgd, 2, start(), batch);
    assertThat(whole.parameters()).isNotEqualTo(start().parameters());
    assertThat(parts.parameters().values())
        .containsExactly(whole.parameters().values(), Offset.offset(2e-5f));
  }

  @Test
  public void aBatchInPartsIsEvaluatedAndCompletedAsTheWhole() {
    ClipBatch batch = masked(5, 3);
    try (LocalTrainer whole = inParts(all(Adversary.of(0.1)), OPTIMISER, 0);
        LocalTrainer parts = inParts(all(Adversary.of(0.1)), OPTIMISER, 2)) {
      whole.load(start());
      parts.load(start());
      StepLoss expected = whole.evaluate(batch);
      StepLoss actual = parts.evaluate(batch);
      assertThat(actual.reconstruction()).isCloseTo(expected.reconstruction(), within(1e-6));
      assertThat(actual.adversarial()).isCloseTo(expected.adversarial(), within(1e-6));
      assertThat(actual.discriminator()).isCloseTo(expected.discriminator(), within(1e-6));
      Reconstruction all = whole.reconstruct(batch);
      Reconstruction joined = parts.reconstruct(batch);
      assertThat(joined.masked()).isEqualTo(all.masked());
      assertThat(joined.completed().remaining()).isEqualTo(all.completed().remaining());
      for (int i = 0; i < all.completed().remaining(); i++) {
        assertThat(joined.completed().get(i) & 0xff)
            .as("completed byte %d", i)
            .isCloseTo(all.completed().get(i) & 0xff, within(1)); // rounded either way
      }
    }
  }

  @Test
  public void severalStepsOfTheGeneratorAreStepsOnTheSameBatch() {
    ClipBatch batch = masked(3, 3);
    TrainingState twice = stepped(all(new Adversary(0, 1, 2, 0)), OPTIMISER, 0, start(), batch);
    TrainingState once = stepped(all(Adversary.of(0)), OPTIMISER, 0, start(), batch);
    TrainingState again = stepped(all(Adversary.of(0)), OPTIMISER, 0, once, batch);
    assertThat(twice.parameters()).isEqualTo(again.parameters());
    assertThat(twice.secondMoment()).isEqualTo(again.secondMoment());
    assertThat(twice.steps()).isEqualTo(1);
  }

  @Test
  public void severalStepsOfTheDiscriminatorMeetTheSamePredictions() {
    ClipBatch batch = masked(3, 3);
    var sgd = new SgdOptions(1, 0, 0);
    TrainingState start = start();
    TrainingState twice = stepped(all(new Adversary(0.1, 2, 1, 0)), sgd, 0, start, batch);
    // the second step from the first one's discriminator and the unchanged generator
    TrainingState once = stepped(all(Adversary.of(0.1)), sgd, 0, start, batch);
    int generator = TINY.generatorLayout().size();
    float[] mixed = start.parameters().values().clone();
    float[] first = once.parameters().values();
    System.arraycopy(first, generator, mixed, generator, mixed.length - generator);
    TrainingState again =
        stepped(
            all(Adversary.of(0.1)),
            sgd,
            0,
            fresh(new ParameterVector(TINY.layout(), mixed)),
            batch);
    assertThat(twice.parameters()).isEqualTo(again.parameters());
    assertThat(twice.parameters()).isNotEqualTo(once.parameters());
  }

  @Test
  public void aStepThatFailsLaterLeavesTheStateAsItWas() {
    // a rate that sends the first of two steps out of the numbers' range
    var objective = all(new Adversary(0.1, 1, 2, 0));
    try (LocalTrainer trainer =
        LocalTrainer.open(TINY, objective, new SgdOptions(1e30, 0, 0), Device.cpu())) {
      trainer.load(start());
      assertThatThrownBy(() -> trainer.step(masked(2, 3), 1e30))
          .isInstanceOf(NonFiniteLossException.class);
      assertThat(trainer.state().equals(start())).isTrue();
    }
  }

  @Test
  public void theNormOfTheStepThatFailedIsSaid() {
    var objective = all(new Adversary(0, 1, 2, 0));
    try (LocalTrainer trainer =
        LocalTrainer.open(TINY, objective, new SgdOptions(1e30, 0, 0), Device.cpu())) {
      trainer.load(start());
      assertThatThrownBy(() -> trainer.step(masked(2, 3), 1e30))
          .hasMessageMatching(
              "Non-finite loss: StepLoss\\[reconstruction=\\d.*, gradientNorm=(NaN|Infinity)], .*");
    }
  }

  @Test
  public void aJudgeWithoutAnySlopeIsPenalisedAsAnyOther() {
    var objective = all(new Adversary(0.1, 1, 1, 10));
    try (LocalTrainer trainer = inParts(objective, OPTIMISER, 0)) {
      trainer.load(fresh(ParameterVector.zeros(TINY.layout())));
      assertThat(trainer.step(masked(2, 3), 1e-3).discriminator()).isZero();
    }
  }

  @Test
  public void normalisedPredictionsAreShownAsPixels() {
    ParameterVector zeros = ParameterVector.zeros(TINY.layout());
    ClipBatch batch = masked(1, 3);
    try (LocalTrainer trainer =
        LocalTrainer.open(TINY, all(Adversary.of(0)), OPTIMISER, Device.cpu())) {
      trainer.load(fresh(zeros));
      ByteBuffer made = trainer.reconstruct(batch).completed();
      int token = 0;
      while (batch.visible()[token] == ClipBatch.VISIBLE) {
        token++;
      }
      // a prediction of zero is the mean of the patch's channel
      int corner = (token / 16 * 2 * 32 * 32 + token / 4 % 4 * 8 * 32 + token % 4 * 8) * 3;
      double red = 0;
      for (int i = 0; i < 128; i++) {
        int pixel = corner + (i / 64 * 32 * 32 + i / 8 % 8 * 32 + i % 8) * 3;
        red += (batch.pixels().get(pixel) & 0xff) / 128.0;
      }
      assertThat((double) (made.get(corner) & 0xff)).isCloseTo(red, within(0.51));
    }
  }

  private static ObjectiveOptions all(Adversary adversary) {
    return new ObjectiveOptions(
        MaskStrategy.RANDOM, Batches.RATIO, 0.5, ReconstructionTarget.NORMALISED_PIXELS, adversary);
  }

  /** A batch whose decoder is asked for half of what is hidden. */
  private static ClipBatch masked(int size, long seed) {
    ClipBatch batch = batch(size, seed);
    byte[] flags = batch.visible().clone();
    for (int clip = 0; clip < size; clip++) {
      int from = clip * TINY.tokens();
      byte[] drawn = Arrays.copyOfRange(flags, from, from + TINY.tokens());
      System.arraycopy(Masks.leaveOut(drawn, TINY, 0.5, clip), 0, flags, from, TINY.tokens());
    }
    return new ClipBatch(size, batch.pixels(), flags, batch.clipIds());
  }

  private static TrainingState start() {
    return TrainingState.initial(TINY, 42);
  }

  private static TrainingState fresh(ParameterVector parameters) {
    ParameterVector zeros = ParameterVector.zeros(TINY.layout());
    return new TrainingState(0, parameters, zeros, zeros);
  }

  private static TrainingState stepped(
      ObjectiveOptions objective,
      OptimiserOptions optimiser,
      int microBatch,
      TrainingState from,
      ClipBatch batch) {
    try (LocalTrainer trainer = inParts(objective, optimiser, microBatch)) {
      trainer.load(from);
      trainer.step(batch, 0.01);
      return trainer.state();
    }
  }

  private static LocalTrainer inParts(
      ObjectiveOptions objective, OptimiserOptions optimiser, int microBatch) {
    var execution = new Execution(Device.cpu(), Precision.FLOAT32, microBatch);
    return LocalTrainer.open(TINY, objective, optimiser, execution);
  }
}
