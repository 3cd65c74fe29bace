package dev.mien.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.mien.model.Reference;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Safetensors;
import java.nio.ByteBuffer;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.testng.annotations.Test;

/** The tiny network against the reference implementation: losses, gradients and AdamW steps. */
public class ReferenceParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final Safetensors FILE = Reference.tiny();
  private static final MarlinArchitecture TINY = Reference.architecture(FILE);

  /** With no first moment decay the moment after one step is the gradient itself. */
  private static final AdamWOptions GRADIENT =
      new AdamWOptions(0, 0, 0, 0.95, 1e-8, 0, 0, DecayScope.EVERY_PARAMETER);

  @Test
  public void reconstructionLossAndGradientsAreTheReferences() {
    try (LocalTrainer trainer = trainer(0, GRADIENT)) {
      StepLoss loss = step(trainer, 0);
      assertThat(loss.reconstruction()).isCloseTo(expected("reconstruction_loss"), relative());
      assertThat(loss.gradientNorm())
          .isCloseTo(expected("gradient_norm.reconstruction"), relative());
      ParameterVector gradient = trainer.state().firstMoment();
      for (ParameterLayout.Parameter parameter : TINY.generatorLayout().parameters()) {
        assertClose(gradient, parameter, "expect.gradient.");
      }
    }
  }

  @Test
  public void adversarialLossesAndTheDiscriminatorsGradientsAreTheReferences() {
    try (LocalTrainer trainer = trainer(0.01, GRADIENT)) {
      // a rate of zero leaves the discriminator as it was for the generator's term
      StepLoss loss = step(trainer, 0);
      assertThat(loss.discriminator()).isCloseTo(expected("discriminator_loss"), relative());
      assertThat(loss.reconstruction() + 0.01 * loss.adversarial())
          .isCloseTo(expected("generator_loss"), relative());
      assertThat(loss.gradientNorm()).isCloseTo(expected("gradient_norm.generator"), relative());
      ParameterVector gradient = trainer.state().firstMoment();
      for (ParameterLayout.Parameter parameter : TINY.layout().parameters()) {
        if (parameter.name().startsWith("discriminator.")) {
          assertClose(gradient, parameter, "expect.gradient.");
        }
      }
    }
  }

  @Test
  public void threeStepsOfAdamWAreTheReferences() {
    try (LocalTrainer trainer =
        trainer(
            0, new AdamWOptions(1e-3, 0, 0.9, 0.95, 1e-8, 0.05, 0, DecayScope.EVERY_PARAMETER))) {
      float[] losses = Reference.floats(FILE, "expect.adamw_losses");
      for (float expected : losses) {
        double loss = step(trainer, 1e-3).reconstruction();
        assertThat(loss).isCloseTo(expected, within(expected * TOLERANCE));
      }
      TrainingState after = trainer.state();
      assertThat(after.steps()).isEqualTo(3);
      for (ParameterLayout.Parameter parameter : TINY.generatorLayout().parameters()) {
        assertClose(after.parameters(), parameter, "expect.after_3_adamw.");
      }
    }
  }

  private static LocalTrainer trainer(double adversarialWeight, AdamWOptions optimiser) {
    var objective = new ObjectiveOptions(MaskStrategy.RANDOM, 0.875, adversarialWeight);
    LocalTrainer trainer = LocalTrainer.open(TINY, objective, optimiser, Device.cpu());
    ParameterLayout layout = TINY.layout();
    trainer.load(
        new TrainingState(
            0,
            Reference.weights(FILE),
            ParameterVector.zeros(layout),
            ParameterVector.zeros(layout)));
    return trainer;
  }

  private static StepLoss step(LocalTrainer trainer, double learningRate) {
    var visible = new byte[2 * TINY.tokens()];
    FILE.tensors().get("input.visible").data().duplicate().get(visible);
    var unused = ByteBuffer.allocateDirect(2 * TINY.clipBytes());
    var batch = new ClipBatch(2, unused, visible, List.of("first", "second"));
    try (NDManager scope = trainer.scope()) {
      var shape = new Shape(2, TINY.frames(), TINY.image(), TINY.image(), 3);
      NDArray clips = scope.create(Reference.clips(FILE), shape);
      return trainer.step(scope, batch, clips, learningRate);
    }
  }

  private static double expected(String name) {
    return Reference.floats(FILE, "expect." + name)[0];
  }

  private static Percentage relative() {
    return withPercentage(100 * TOLERANCE);
  }

  private static void assertClose(
      ParameterVector actual, ParameterLayout.Parameter parameter, String prefix) {
    float[] expected = Reference.floats(FILE, prefix + parameter.name());
    int offset = actual.layout().offset(parameter.name());
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual.values()[offset + i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    assertThat(Math.sqrt(difference))
        .as("distance of %s from the reference", parameter.name())
        .isLessThanOrEqualTo(TOLERANCE * Math.sqrt(size));
  }
}
