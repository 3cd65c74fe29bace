package dev.mien.spark.pretrain.replica;

import dev.mien.preprocessing.picture.View;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.spark.config.AugmentationOptions;
import java.util.SplittableRandom;

/** Draws what part of its frames a window shows, the same of all of them. */
final class Augmentation {

  /** Sides of a part differ by at most this factor, as in Inception's crops and torchvision's. */
  private static final double RATIO = 4.0 / 3;

  /** Draws of a part that may not fit before the whole frame is taken. */
  private static final int ATTEMPTS = 10;

  private Augmentation() {}

  /**
   * A view of frames of {@code side} by {@code side} pixels, a function of the seed alone. Its
   * edges are edges of the region map's cells, so that no cell is looked at in part.
   */
  static View draw(AugmentationOptions options, int side, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean mirrored = random.nextDouble() < options.flip();
    if (options.crop() < 1) {
      int cell = side / RegionMapper.CELLS;
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        double area = options.crop() + (1 - options.crop()) * random.nextDouble();
        double ratio = Math.pow(RATIO, 2 * random.nextDouble() - 1);
        int width = (int) Math.round(Math.sqrt(area * ratio) * RegionMapper.CELLS);
        int height = (int) Math.round(Math.sqrt(area / ratio) * RegionMapper.CELLS);
        if (width >= 1
            && height >= 1
            && width <= RegionMapper.CELLS
            && height <= RegionMapper.CELLS) {
          int x = random.nextInt(RegionMapper.CELLS - width + 1);
          int y = random.nextInt(RegionMapper.CELLS - height + 1);
          return new View(x * cell, y * cell, width * cell, height * cell, mirrored);
        }
      }
    }
    return new View(0, 0, side, side, mirrored);
  }
}
