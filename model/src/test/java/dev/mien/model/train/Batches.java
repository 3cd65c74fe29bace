package dev.mien.model.train;

import ai.djl.Device;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.MaskStrategy;
import dev.mien.model.objective.Masks;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;
import dev.mien.model.optim.DecayScope;
import dev.mien.model.optim.OptimiserOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.SplittableRandom;

/** A network small enough for a test, and clips for it: shifted colour ramps with noise. */
final class Batches {
  static final MarlinArchitecture TINY = new MarlinArchitecture(32, 8, 4, 2, 24, 2, 3, 16, 2, 2);
  static final double RATIO = 0.75;
  static final AdamWOptions OPTIMISER =
      new AdamWOptions(1e-3, 0, 0.9, 0.95, 1e-8, 0.05, 1, DecayScope.EVERY_PARAMETER);

  private Batches() {}

  static LocalTrainer adversarial() {
    return open(0.01, OPTIMISER);
  }

  static LocalTrainer open(double adversarialWeight, OptimiserOptions optimiser) {
    var objective = new ObjectiveOptions(MaskStrategy.RANDOM, RATIO, adversarialWeight);
    LocalTrainer trainer = LocalTrainer.open(TINY, objective, optimiser, Device.cpu());
    trainer.load(TrainingState.initial(TINY, 42));
    return trainer;
  }

  static ClipBatch batch(int size, long seed) {
    return batch(TINY, size, seed);
  }

  static ClipBatch batch(MarlinArchitecture a, int size, long seed) {
    var random = new SplittableRandom(seed);
    var pixels = ByteBuffer.allocateDirect(size * a.clipBytes());
    var visible = new byte[size * a.tokens()];
    var ids = new ArrayList<String>();
    for (int clip = 0; clip < size; clip++) {
      int shift = random.nextInt(256);
      for (int i = 0; i < a.clipBytes(); i++) {
        pixels.put((byte) (shift / 2 + i / 3 % 32 * 3 + i % 3 * 20 + random.nextInt(8)));
      }
      byte[] drawn = Masks.draw(MaskStrategy.RANDOM, a, RATIO, new byte[0], random.nextLong());
      System.arraycopy(drawn, 0, visible, clip * a.tokens(), a.tokens());
      ids.add("clip-" + seed + "-" + clip);
    }
    return new ClipBatch(size, pixels.flip(), visible, ids);
  }
}
