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
import dev.mien.model.nn.Precision;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.objective.ObjectiveOptions.Adversary;
import dev.mien.model.objective.ReconstructionTarget;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.optim.OptimiserOptions;
import dev.mien.model.optim.SgdOptions;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.parameters.Safetensors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
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
      Safetensors.write(out, Map.of(), trainer.state().tensors());
      file = out.toByteArray();
    }
    try (LocalTrainer trainer = adversarial()) {
      Map<String, dev.mien.model.parameters.Tensor> tensors =
          Safetensors.read(new ByteArrayInputStream(file)).tensors();
      trainer.load(TrainingState.of(TINY, 3, tensors));
      train(trainer, 3, 6);
      assertThat(trainer.state().equals(whole)).as("same bits after 6 steps").isTrue();
    }
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
    try (LocalTrainer trainer = Batches.open(0, new AdamWOptions(0, 0, 0, 0.9, 1e-8, 0, 0.01))) {
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
    try (LocalTrainer trainer = Batches.open(0, new AdamWOptions(0, 0, 0, 0.9, 1e-8, 0, 0))) {
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

  @Test
  public void aGpuThatIsNotThereIsNamedAtOnce() {
    if (Engine.getEngine("PyTorch").getGpuCount() > 0) {
      throw new SkipException("needs a machine without a GPU");
    }
    assertThatThrownBy(
            () -> LocalTrainer.open(TINY, all(Adversary.of(0)), OPTIMISER, Device.gpu(1)))
        .hasMessageContaining("No gpu(1): PyTorch sees 0 GPUs")
        .hasMessageContaining("pytorch-native-cu128");
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
          .hasMessageContaining("Non-finite loss at step 0")
          .hasMessageContaining("clips [clip-7-0, clip-7-1]");
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
