package dev.mien.model.train;

import static dev.mien.model.train.Batches.OPTIMISER;
import static dev.mien.model.train.Batches.TINY;
import static dev.mien.model.train.Batches.adversarial;
import static dev.mien.model.train.Batches.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.optim.SgdOptions;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Safetensors;
import dev.mien.model.parameters.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.testng.SkipException;
import org.testng.annotations.Test;

public class LocalTrainerTest {
  private static final double RATE = 1e-3;

  @Test
  public void aRunResumedFromItsFileGivesTheBitsOfOneThatWasNot() throws IOException {
    TrainingState whole;
    try (LocalTrainer trainer = adversarial()) {
      train(trainer, 0, 6);
      whole = trainer.state();
    }
    byte[] file;
    try (LocalTrainer trainer = adversarial()) {
      train(trainer, 0, 3);
      var out = new ByteArrayOutputStream();
      Safetensors.write(out, Map.of(), tensors(trainer.state()));
      file = out.toByteArray();
    }
    try (LocalTrainer trainer = adversarial()) {
      trainer.load(state(3, Safetensors.read(new ByteArrayInputStream(file)).tensors()));
      train(trainer, 3, 6);
      assertThat(trainer.state().equals(whole)).as("same bits after 6 steps").isTrue();
    }
  }

  private static Map<String, Tensor> tensors(TrainingState state) {
    var tensors = new TreeMap<>(state.parameters().tensors(""));
    tensors.putAll(state.firstMoment().tensors("first_moment."));
    tensors.putAll(state.secondMoment().tensors("second_moment."));
    return tensors;
  }

  private static TrainingState state(long steps, Map<String, Tensor> tensors) {
    return new TrainingState(
        steps,
        ParameterVector.of(TINY.layout(), "", tensors),
        ParameterVector.of(TINY.layout(), "first_moment.", tensors),
        ParameterVector.of(TINY.layout(), "second_moment.", tensors));
  }

  @Test
  public void trainingLowersTheLoss() {
    try (LocalTrainer trainer = adversarial()) {
      ClipBatch unseen = batch(8, 99);
      double before = trainer.evaluate(unseen).reconstruction();
      train(trainer, 0, 150);
      assertThat(trainer.evaluate(unseen).reconstruction()).isLessThan(before / 4);
    }
  }

  @Test
  public void evaluationIsTheStepsLossAndChangesNothing() {
    try (LocalTrainer trainer = adversarial()) {
      train(trainer, 0, 2);
      TrainingState before = trainer.state();
      StepLoss evaluated = trainer.evaluate(batch(3, 5));
      assertThat(trainer.state().equals(before)).isTrue();
      // at a rate of zero the discriminator is the same before and after its step
      StepLoss stepped = trainer.step(batch(3, 5), 0);
      assertThat(evaluated.reconstruction()).isCloseTo(stepped.reconstruction(), within(1e-6));
      assertThat(evaluated.adversarial()).isCloseTo(stepped.adversarial(), within(1e-6));
      assertThat(evaluated.discriminator()).isCloseTo(stepped.discriminator(), within(1e-6));
      assertThat(evaluated.gradientNorm()).isZero();
    }
  }

  @Test
  public void theGeneratorMeetsTheDiscriminatorThatWasJustUpdated() {
    try (LocalTrainer trainer = adversarial()) {
      double before = trainer.evaluate(batch(3, 5)).adversarial();
      double met = trainer.step(batch(3, 5), 1e-2).adversarial();
      assertThat(met - before).as("the step raises real above predicted").isGreaterThan(1e-3);
    }
  }

  @Test
  public void withoutAWeightTheDiscriminatorStays() {
    try (LocalTrainer trainer = Batches.open(0, Batches.OPTIMISER)) {
      train(trainer, 0, 2);
      int from = TINY.generatorLayout().size();
      int to = TINY.layout().size();
      assertThat(slice(trainer.state().parameters(), from, to))
          .isEqualTo(slice(TrainingState.initial(TINY, 42).parameters(), from, to));
    }
  }

  @Test
  public void clippingBoundsTheGradient() {
    try (LocalTrainer trainer =
        Batches.open(
            0, new AdamWOptions(0, 0, 0, 0.9, 1e-8, 0, 0.01, DecayScope.EVERY_PARAMETER))) {
      double norm = trainer.step(batch(2, 1), 0).gradientNorm();
      assertThat(norm).isGreaterThan(0.02);
      double clipped = 0;
      for (float value : trainer.state().firstMoment().values()) {
        clipped += (double) value * value;
      }
      assertThat(Math.sqrt(clipped)).isCloseTo(0.01, within(1e-5));
    }
  }

  @Test
  public void plainDescentIsTheRateTimesTheGradient() {
    float[] start = TrainingState.initial(TINY, 42).parameters().values();
    float[] gradient;
    // without a first beta, AdamW's first moment is the gradient
    try (LocalTrainer trainer =
        Batches.open(0, new AdamWOptions(0, 0, 0, 0.9, 1e-8, 0, 0, DecayScope.EVERY_PARAMETER))) {
      trainer.step(batch(2, 1), 0);
      gradient = trainer.state().firstMoment().values();
    }
    try (LocalTrainer trainer = Batches.open(0, new SgdOptions(1, 0, 0))) {
      trainer.step(batch(2, 1), 0.5);
      TrainingState after = trainer.state();
      for (int i = 0; i < start.length; i++) {
        assertThat(after.parameters().values()[i])
            .as("parameter %d", i)
            .isCloseTo(start[i] - 0.5f * gradient[i], within(1e-7f));
      }
      assertThat(after.parameters().values()).isNotEqualTo(start);
      assertThat(after.firstMoment().values()).containsOnly(0);
    }
  }

  @Test
  public void aGpuThatIsNotThereIsNamedAtOnce() {
    if (Engine.getEngine("PyTorch").getGpuCount() > 0) {
      throw new SkipException("needs a machine without a GPU");
    }
    assertThatThrownBy(
            () -> LocalTrainer.open(TINY, ObjectiveOptions.marlin(), OPTIMISER, Device.gpu(1)))
        .hasMessage(
            "No gpu(1): PyTorch sees 0 GPUs (needs NVIDIA's driver, CUDA's libcudart 12, and"
                + " ai.djl.pytorch:pytorch-native-cu128 ahead of mien.jar on the class path, as"
                + " deploy/gpu/README.md says; or set training.device = cpu)");
  }

  @Test
  public void decayOfWeightsSparesBiasesNormsAndTheMaskToken() {
    float[] every = stepWithDecay(DecayScope.EVERY_PARAMETER);
    float[] weights = stepWithDecay(DecayScope.WEIGHTS);
    float[] start = TrainingState.initial(TINY, 42).parameters().values();
    int token = TINY.layout().offset("decoder.mask_token");
    int norm = TINY.layout().offset("encoder.norm.weight");
    int matrix = TINY.layout().offset("encoder.blocks.1.attn.qkv.weight");
    assertThat(every[matrix]).isEqualTo(weights[matrix]);
    assertThat((double) weights[norm] - every[norm]).isCloseTo(RATE * 0.5f, within(1e-6));
    assertThat((double) weights[token] - every[token])
        .isCloseTo(RATE * 0.5f * start[token], within(1e-8));
  }

  private static float[] stepWithDecay(DecayScope scope) {
    var optimiser = new AdamWOptions(RATE, 0, 0.9, 0.95, 1e-8, 0.5, 0, scope);
    try (LocalTrainer trainer = Batches.open(0, optimiser)) {
      trainer.step(batch(2, 1), RATE);
      return trainer.state().parameters().values();
    }
  }

  @Test
  public void aNonFiniteLossNamesItsClipsAndLeavesTheStateAsItWas() {
    TrainingState broken = TrainingState.initial(TINY, 42);
    broken.parameters().values()[TINY.layout().offset("decoder.head.bias")] = Float.NaN;
    try (LocalTrainer trainer = adversarial()) {
      trainer.load(broken);
      assertThatThrownBy(() -> trainer.step(batch(2, 7), RATE))
          .isInstanceOf(NonFiniteLossException.class)
          .hasMessageStartingWith("Non-finite loss: StepLoss[")
          .hasMessageEndingWith("clips [clip-7-0, clip-7-1]");
      assertThat(trainer.state().equals(broken)).isTrue();
    }
  }

  @Test
  public void completesMaskedTokensInThePixelsOrder() {
    var layout = TINY.layout();
    ParameterVector zeros = ParameterVector.zeros(layout);
    ParameterVector parameters = ParameterVector.zeros(layout);
    int bias = layout.offset("decoder.head.bias");
    int channel = TINY.patchValues() / 3;
    for (int i = 0; i < TINY.patchValues(); i++) {
      // red the row within the patch, green too bright, blue too dark
      parameters.values()[bias + i] = i < channel ? i / 8 % 8 / 255f : i < 2 * channel ? 2 : -1;
    }
    ClipBatch batch = batch(2, 3);
    try (LocalTrainer trainer = adversarial()) {
      trainer.load(new TrainingState(0, parameters, zeros, zeros));
      Reconstruction made = trainer.reconstruct(batch);
      assertThat(made.completed().remaining()).isEqualTo(2 * TINY.clipBytes());
      for (int i = 0; i < 2 * TINY.clipBytes(); i++) {
        int pixel = i / 3;
        int x = pixel % 32;
        int y = pixel / 32 % 32;
        int frame = pixel / 1024;
        int token = frame % 4 / 2 * 16 + y / 8 * 4 + x / 8;
        boolean visible = batch.visible()[frame / 4 * 32 + token % 32] == 1;
        int source = batch.pixels().get(i);
        int[] predicted = {y % 8, 255, 0};
        assertThat(made.completed().get(i))
            .as("completed byte %d", i)
            .isEqualTo((byte) (visible ? source : predicted[i % 3]));
        assertThat(made.masked().get(i))
            .as("masked byte %d", i)
            .isEqualTo((byte) (visible ? source : 128));
      }
    }
  }

  @Test
  public void namesWhatDoesNotFit() {
    ClipBatch good = batch(2, 1);
    byte[] uneven = good.visible().clone();
    uneven[TINY.tokens()] ^= 1;
    try (LocalTrainer trainer = adversarial()) {
      assertInvalid(
          trainer,
          new ClipBatch(2, good.pixels(), uneven, good.clipIds()),
          "Invalid visible flags: clip clip-1-1 shows");
      assertInvalid(
          trainer,
          new ClipBatch(2, good.pixels(), new byte[3], good.clipIds()),
          "Invalid visible flags: 3 for clips [clip-1-0, clip-1-1] (must be 64: 2 of 32 tokens)");
      assertInvalid(
          trainer,
          new ClipBatch(2, ByteBuffer.allocateDirect(5), good.visible(), good.clipIds()),
          "Invalid pixels: 5 bytes for clips [clip-1-0, clip-1-1] (must be 24576");
      assertThatThrownBy(() -> trainer.step(good, Double.NaN))
          .hasMessage("Invalid learning rate: NaN (must be at least 0)");
      assertThatThrownBy(
              () ->
                  trainer.load(
                      TrainingState.initial(
                          new MarlinArchitecture(32, 8, 4, 2, 24, 1, 3, 16, 2, 2), 1)))
          .hasMessageStartingWith("Invalid training state");
    }
    assertThatThrownBy(() -> new ClipBatch(1, good.pixels(), good.visible(), List.of()))
        .hasMessage("Invalid clip ids: 0 for a batch of 1");
  }

  private static void assertInvalid(LocalTrainer trainer, ClipBatch batch, String message) {
    assertThatThrownBy(() -> trainer.step(batch, RATE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  private static void train(LocalTrainer trainer, int from, int to) {
    for (int step = from; step < to; step++) {
      trainer.step(batch(4, step), RATE);
    }
  }

  private static float[] slice(ParameterVector vector, int from, int to) {
    return Arrays.copyOfRange(vector.values(), from, to);
  }
}
