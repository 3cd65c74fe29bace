package dev.mien.model.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.train.LocalTrainer;
import dev.mien.model.train.TrainingState;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.testng.annotations.Test;

/** A baseline that computed something else would be no baseline. */
public class PlainOperatorsTest {
  private static final MarlinArchitecture TINY =
      new MarlinArchitecture(32, 8, 4, 2, 24, 2, 3, 16, 2, 2);

  @Test
  public void theBaselineTakesTheTrainersSteps() {
    TrainingState state = TrainingState.initial(TINY, 42);
    var objective = new ObjectiveOptions(MaskStrategy.RANDOM, 0.75, 0);
    var optimiser = new AdamWOptions(1e-3, 0, 0.9, 0.95, 1e-8, 0.01, 0, DecayScope.EVERY_PARAMETER);
    try (var trainer = LocalTrainer.open(TINY, objective, optimiser, Device.cpu());
        var plain = new PlainOperators(TINY, state.parameters(), 1e-3f)) {
      trainer.load(state);
      for (int step = 0; step < 4; step++) {
        double expected = trainer.step(batch(step), 1e-3).reconstruction();
        assertThat((double) plain.step(batch(step))).isCloseTo(expected, within(1e-3 * expected));
      }
    }
  }

  private static ClipBatch batch(int seed) {
    var noise = new byte[TINY.clipBytes()];
    new SplittableRandom(seed).nextBytes(noise);
    byte[] visible = Masks.draw(MaskStrategy.RANDOM, TINY, 0.75, new byte[0], seed);
    return new ClipBatch(
        1, ByteBuffer.allocateDirect(noise.length).put(noise).flip(), visible, List.of("noise"));
  }
}
