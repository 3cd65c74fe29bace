package dev.mien.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.objective.ObjectiveOptions.Adversary;
import dev.mien.model.objective.ReconstructionTarget;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.parameters.ParameterLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Losses and every gradient against central differences of the same losses in double precision, in
 * another geometry than the reference's fixture: patches of 2 by 2 in one frame, an odd grid,
 * decoder heads of two values.
 */
public class FiniteDifferenceTest {
  private static final MarlinArchitecture A = new MarlinArchitecture(6, 2, 3, 1, 8, 1, 2, 6, 2, 3);
  private static final long SEED = 11;
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-4;

  /** With no first moment decay the moment after one step is the gradient itself. */
  private static final AdamWOptions GRADIENT =
      new AdamWOptions(0, 0, 0, 0.95, 1e-8, 0, 0, DecayScope.EVERY_PARAMETER);

  @DataProvider
  public Object[][] objectives() {
    return new Object[][] {
      {"reconstruction", objective(0, ReconstructionTarget.PIXELS, Adversary.of(0)), 0},
      {"adversary", objective(0, ReconstructionTarget.PIXELS, Adversary.of(0.5)), 0},
      {"penalty", objective(0, ReconstructionTarget.PIXELS, new Adversary(0.5, 1, 1, 10)), 0},
      {"normalised", objective(0, ReconstructionTarget.NORMALISED_PIXELS, Adversary.of(0.5)), 0},
      {"decoder mask", objective(0.5, ReconstructionTarget.PIXELS, Adversary.of(0.5)), 0},
      {
        "all, in parts",
        objective(0.5, ReconstructionTarget.NORMALISED_PIXELS, new Adversary(0.5, 1, 1, 10)),
        2
      },
    };
  }

  @Test(dataProvider = "objectives")
  public void gradientsAreThoseOfTheWrittenOutLosses(
      String name, ObjectiveOptions objective, int microBatch) {
    ClipBatch batch = batch(objective, microBatch + 1);
    TrainingState state = TrainingState.initial(A, SEED);
    spread(state.parameters().values());
    var values = new double[A.layout().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = state.parameters().values()[i];
    }
    var exact = new DoubleMarlin(A, objective, batch, values);
    var execution = new Execution(Device.cpu(), Precision.FLOAT32, microBatch);

    try (LocalTrainer trainer = LocalTrainer.open(A, objective, GRADIENT, execution)) {
      trainer.load(state);
      double share = trainer.schedule(batch, 0)[2];
      StepLoss loss = trainer.step(batch, 0);
      float[] gradient = trainer.state().firstMoment().values();

      double weight = objective.adversary().weight();
      double[][] targets = exact.targets();
      double[][] predictions = exact.predictions();
      assertThat(loss.reconstruction())
          .isCloseTo(exact.reconstruction(predictions, targets), within(TOLERANCE));
      if (weight > 0) {
        assertThat(loss.adversarial()).isCloseTo(-exact.score(predictions), within(TOLERANCE));
        assertThat(loss.discriminator())
            .isCloseTo(exact.score(predictions) - exact.score(targets), within(TOLERANCE));
      }

      DoubleSupplier generator =
          () -> {
            double[][] moved = exact.predictions();
            return exact.reconstruction(moved, targets)
                - (weight > 0 ? weight * exact.score(moved) : 0);
          };
      DoubleSupplier discriminator =
          () ->
              exact.score(predictions)
                  - exact.score(targets)
                  + (objective.adversary().gradientPenalty() > 0
                      ? 10 * exact.penalty(targets, predictions, share)
                      : 0);
      for (ParameterLayout.Parameter parameter : A.layout().parameters()) {
        boolean judges = parameter.name().startsWith("discriminator.");
        if (!judges || weight > 0) {
          assertClose(name, parameter, values, gradient, judges ? discriminator : generator);
        }
      }
    }
  }

  private static void assertClose(
      String name,
      ParameterLayout.Parameter parameter,
      double[] values,
      float[] gradient,
      DoubleSupplier loss) {
    int offset = A.layout().offset(parameter.name());
    double difference = 0;
    double size = 0;
    for (int i = offset; i < offset + parameter.size(); i++) {
      double value = values[i];
      values[i] = value + STEP;
      double above = loss.getAsDouble();
      values[i] = value - STEP;
      double slope = (above - loss.getAsDouble()) / (2 * STEP);
      values[i] = value;
      difference += Math.pow(gradient[i] - slope, 2);
      size += slope * slope;
    }
    assertThat(Math.sqrt(difference))
        .as("%s: distance of %s from the differences, seed %d", name, parameter.name(), SEED)
        .isLessThanOrEqualTo(TOLERANCE * Math.sqrt(size) + 1e-6);
  }

  /** Moves what starts as zero or one, so that every gradient has something to show. */
  private static void spread(float[] values) {
    var random = new SplittableRandom(SEED);
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (random.nextDouble() - 0.5) / 5;
    }
  }

  private static ObjectiveOptions objective(
      double decoderMask, ReconstructionTarget target, Adversary adversary) {
    return new ObjectiveOptions(MaskStrategy.RANDOM, 0.7, decoderMask, target, adversary);
  }

  private static ClipBatch batch(ObjectiveOptions objective, int size) {
    var random = new SplittableRandom(SEED);
    var pixels = new byte[size * A.clipBytes()];
    random.nextBytes(pixels);
    var flags = new byte[size * A.tokens()];
    var ids = new ArrayList<String>();
    for (int clip = 0; clip < size; clip++) {
      byte[] drawn = Masks.draw(objective.mask(), A, objective.maskRatio(), new byte[0], clip);
      drawn = Masks.leaveOut(drawn, A, objective.decoderMaskRatio(), clip);
      System.arraycopy(drawn, 0, flags, clip * A.tokens(), A.tokens());
      ids.add("clip-" + clip);
    }
    return new ClipBatch(
        size, ByteBuffer.allocateDirect(pixels.length).put(pixels).flip(), flags, ids);
  }
}
