package dev.mien.spark.redundancy;

import java.io.Serializable;
import java.util.function.LongConsumer;

/**
 * How fingerprints are cut into blocks so that those at most {@code threshold} bits apart meet
 * (multi-index hashing, Norouzi, Punjani and Fleet, CVPR 2012). With {@code threshold / (radius +
 * 1) + 1} blocks or more, such a pair has a block in which it differs by {@code radius} bits at
 * most: were there one bit more in each, there would be more than the threshold in all.
 *
 * @param bits of a fingerprint
 * @param blocks that it is cut into, as equally as can be
 * @param radius bits by which a block may differ, 0 to 2
 */
record BlockPlan(int bits, int blocks, int radius) implements Serializable {

  /** A key holds a block's number above its bits. */
  private static final int WIDEST = 48;

  private static final int LARGEST_RADIUS = 2;

  BlockPlan {
    if (radius < 0 || radius > LARGEST_RADIUS || blocks * WIDEST < bits || blocks > bits) {
      throw new IllegalArgumentException(
          "Invalid blocks: %d of %d bits at radius %d".formatted(blocks, bits, radius));
    }
  }

  /** The smallest radius, which makes the fewest keys, whose blocks tell the clips apart. */
  static BlockPlan of(int bits, int threshold, int clips) {
    int telling = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, clips));
    BlockPlan plan = at(bits, threshold, 0);
    for (int radius = 1; radius <= LARGEST_RADIUS && bits / plan.blocks < telling; radius++) {
      plan = at(bits, threshold, radius);
    }
    return plan;
  }

  private static BlockPlan at(int bits, int threshold, int radius) {
    int fewest = (bits + WIDEST - 1) / WIDEST;
    return new BlockPlan(bits, Math.max(fewest, threshold / (radius + 1) + 1), radius);
  }

  /** Bits by which one side of a join changes its blocks; the other side's are the rest. */
  int radiusOnTheLeft() {
    return (radius + 1) / 2;
  }

  int radiusOnTheRight() {
    return radius / 2;
  }

  /**
   * Gives a key for each block of a fingerprint, and for each value one bit away when {@code
   * around} is 1.
   */
  void keys(Fingerprints fingerprints, int index, int around, LongConsumer keys) {
    for (int block = 0; block < blocks; block++) {
      int from = (int) ((long) block * bits / blocks);
      int count = (int) ((long) (block + 1) * bits / blocks) - from;
      long key = (long) block << WIDEST | fingerprints.bits(index, from, count);
      keys.accept(key);
      for (int bit = 0; around > 0 && bit < count; bit++) {
        keys.accept(key ^ 1L << bit);
      }
    }
  }
}
