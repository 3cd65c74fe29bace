package dev.mien.spark.pretrain.replica;

import dev.mien.preprocessing.picture.View;
import dev.mien.preprocessing.region.RegionMapper;
import dev.mien.spark.config.AugmentationOptions;
import java.util.SplittableRandom;

/** Draws the part of its frames that a window shows, which is the same in all of them. */
final class Augmentation {

  /** Largest ratio of a part's sides, as in Inception's crops and torchvision's. */
  private static final double RATIO = 4.0 / 3;

  /** How many parts are drawn that do not fit before the whole frame is taken. */
  private static final int ATTEMPTS = 10;

  private Augmentation() {}

  /**
   * Draws a view of frames of {@code side × side} pixels, a function of the seed alone. Its edges
   * lie on edges of the region map's cells, so that no cell is cut.
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
