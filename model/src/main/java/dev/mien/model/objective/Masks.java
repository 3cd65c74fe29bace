package dev.mien.model.objective;

import static dev.mien.model.Bounds.requireFraction;

import dev.mien.model.marlin.MarlinArchitecture;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Draws the visible tokens of a clip: 1 = visible, 0 = masked.
 *
 * <p>Every strategy but {@link MaskStrategy#WHOLE_TUBE} first makes at least the wanted share of
 * each tubelet, or of the clip, visible, and then masks tokens at random over the whole clip until
 * the exact count is left, as MARLIN does (Cai et al., CVPR 2023). A region map joins labels of
 * MARLIN's face parser, so {@link MaskStrategy#FASKING_OPPOSITE} may stop later than MARLIN's, by 8
 * of 6272 tokens on the reference's sample before the random masking. {@link MaskStrategy#FASKING}
 * is not affected as long as background and skin, which are one label each, reach the share.
 */
public final class Masks {
  /** Cells along one side of a region map. */
  public static final int REGION_SIDE = 56;

  /** Patches of a cell of two by two. */
  private static final int CELL = 4;

  private Masks() {}

  /**
   * The number of visible tokens, truncated as in MARLIN: 156 of 1568 at 0.9. For a whole tube the
   * number of masked patches is truncated, as in VideoMAE: 160.
   */
  public static int visibleCount(MaskStrategy strategy, MarlinArchitecture a, double maskRatio) {
    requireFraction("mask ratio", maskRatio);
    int count = count(strategy, a, maskRatio);
    if (count == 0) {
      throw new IllegalArgumentException(
          "Invalid mask ratio: %s (leaves none of %d tokens visible)"
              .formatted(maskRatio, a.tokens()));
    }
    return count;
  }

  /** The number of visible tokens for a ratio in [0,1), which may be zero. */
  static int count(MaskStrategy strategy, MarlinArchitecture a, double maskRatio) {
    return switch (strategy) {
      case FASKING, FASKING_OPPOSITE, TUBE, RANDOM, FRAME -> (int) (a.tokens() * (1 - maskRatio));
      case WHOLE_TUBE -> {
        int patches = patches(a);
        yield a.tubelets() * (patches - (int) (patches * maskRatio));
      }
    };
  }

  /**
   * Draws a clip's visible tokens.
   *
   * @param regions the window's region maps {@code [T,56,56]}: bit r of a cell is set when any of
   *     its pixels lies in region r of right eye, left eye, nose, mouth, hair, skin, background; a
   *     frame of zeros has no face. Read by the two fasking strategies only
   * @param seed the only source of randomness
   * @return flags {@code [tokens]} with exactly {@link #visibleCount} ones
   * @throws IllegalArgumentException if the region maps do not fit the architecture, or leave too
   *     few tokens to show
   */
  public static byte[] draw(
      MaskStrategy strategy, MarlinArchitecture a, double maskRatio, byte[] regions, long seed) {
    int count = visibleCount(strategy, a, maskRatio);
    var random = new SplittableRandom(seed);
    byte[] visible =
        switch (strategy) {
          case FASKING ->
              regionsShown(
                  a, maskRatio, regions, Fasking.REGIONS.componentsLast(components(random)));
          case FASKING_OPPOSITE ->
              regionsShown(
                  a, maskRatio, regions, Fasking.REGIONS.componentsFirst(components(random)));
          case TUBE -> tubes(a, (int) Math.ceil(patches(a) * (1 - maskRatio)), random);
          case WHOLE_TUBE -> tubes(a, count / a.tubelets(), random);
          case RANDOM -> ones(a.tokens());
          case FRAME -> frames(a, maskRatio, random);
        };
    hide(visible, count, random);
    return visible;
  }

  /**
   * Draws the masked tokens that are not reconstructed, as in VideoMAE v2 (Wang et al., 2023): a
   * cell of two by two patches leaves some of them out, and which ones moves on with each tubelet.
   * Random tokens are then added or removed until the count is exact, so that it is the same for
   * all clips of a batch.
   *
   * @param visible flags that {@link #draw} returned
   * @param ratio share of the masked tokens that is left out, in [0,1)
   * @param seed the only source of randomness
   * @return the flags with {@link ClipBatch#LEFT_OUT} at those tokens
   */
  public static byte[] leaveOut(byte[] visible, MarlinArchitecture a, double ratio, long seed) {
    requireFraction("decoder mask ratio", ratio);
    var random = new SplittableRandom(seed);
    int side = a.gridSide();
    int phase = random.nextInt(CELL);
    int perCell = (int) (CELL * ratio);
    byte[] flags = visible.clone();
    int hidden = 0;
    int left = 0;
    for (int i = 0; i < flags.length; i++) {
      int patch = i % (side * side);
      int place = patch / side % 2 * 2 + patch % side % 2;
      boolean out = (place + phase + i / (side * side)) % CELL < perCell;
      if (flags[i] == ClipBatch.MASKED) {
        hidden++;
        if (out) {
          flags[i] = ClipBatch.LEFT_OUT;
          left++;
        }
      }
    }
    int wanted = (int) (hidden * ratio);
    change(flags, ClipBatch.LEFT_OUT, ClipBatch.MASKED, left - wanted, random);
    change(flags, ClipBatch.MASKED, ClipBatch.LEFT_OUT, wanted - left, random);
    return flags;
  }

  /** Changes random flags of one kind into another, as many as the count if it is positive. */
  private static void change(byte[] flags, byte from, byte to, int count, SplittableRandom random) {
    int[] found = IntStream.range(0, flags.length).filter(i -> flags[i] == from).toArray();
    int last = found.length;
    for (int i = 0; i < count; i++) {
      int pick = random.nextInt(last);
      flags[found[pick]] = to;
      found[pick] = found[--last];
    }
  }

  /** Why masks for a network cannot be drawn by regions, if so. */
  static Optional<String> regionProblem(MarlinArchitecture a) {
    return REGION_SIDE % a.gridSide() == 0
        ? Optional.empty()
        : Optional.of(
            ("Invalid grid for masks of regions: %d patches a side (must divide %d, the side of a"
                    + " region map)")
                .formatted(a.gridSide(), REGION_SIDE));
  }

  /** Makes one region after the other visible in each tubelet until the share is reached. */
  static byte[] regionsShown(MarlinArchitecture a, double maskRatio, byte[] regions, int[] order) {
    int side = a.gridSide();
    regionProblem(a)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(problem);
            });
    int cells = REGION_SIDE * REGION_SIDE;
    if (regions.length != a.frames() * cells) {
      throw new IllegalArgumentException(
          "Invalid region maps: %d cells (must be %d: %d frames of %d by %d)"
              .formatted(regions.length, a.frames() * cells, a.frames(), REGION_SIDE, REGION_SIDE));
    }
    int patches = side * side;
    var visible = new byte[a.tokens()];
    for (int tubelet = 0; tubelet < a.tubelets(); tubelet++) {
      int first = tubelet * a.tubelet() * cells; // the map of the pair's first frame, as in MARLIN
      int[] pooled = Fasking.pooled(i -> regions[first + i], REGION_SIDE, side);
      byte[] shown = Fasking.shown(pooled, order, 1 - maskRatio);
      System.arraycopy(shown, 0, visible, tubelet * patches, patches);
    }
    return visible;
  }

  private static byte[] tubes(MarlinArchitecture a, int shown, SplittableRandom random) {
    int patches = patches(a);
    byte[] tube = ones(patches);
    hide(tube, shown, random);
    var visible = new byte[a.tokens()];
    for (int tubelet = 0; tubelet < a.tubelets(); tubelet++) {
      System.arraycopy(tube, 0, visible, tubelet * patches, patches);
    }
    return visible;
  }

  private static byte[] frames(MarlinArchitecture a, double maskRatio, SplittableRandom random) {
    byte[] whole = ones(a.tubelets());
    hide(whole, (int) Math.ceil(a.tubelets() * (1 - maskRatio)), random);
    int patches = patches(a);
    var visible = new byte[a.tokens()];
    for (int tubelet = 0; tubelet < a.tubelets(); tubelet++) {
      Arrays.fill(visible, tubelet * patches, (tubelet + 1) * patches, whole[tubelet]);
    }
    return visible;
  }

  /** The number of patches of a tubelet. */
  private static int patches(MarlinArchitecture a) {
    return a.gridSide() * a.gridSide();
  }

  private static byte[] ones(int count) {
    var ones = new byte[count];
    Arrays.fill(ones, (byte) 1);
    return ones;
  }

  /** Masks random visible tokens until the count is left. */
  private static void hide(byte[] visible, int count, SplittableRandom random) {
    int left = 0;
    for (byte flag : visible) {
      left += flag;
    }
    if (left < count) {
      throw new IllegalArgumentException(
          "Invalid region maps: only %d of %d tokens can be shown (cells of a frame with a face"
                  .formatted(left, count)
              + " must all lie in a region)");
    }
    change(visible, ClipBatch.VISIBLE, ClipBatch.MASKED, left - count, random);
  }

  /** The bits of a region map's components, in the order drawn for the clip. */
  private static int[] components(SplittableRandom random) {
    var permutation = new int[Fasking.REGIONS.components().size()];
    for (int i = 0; i < permutation.length; i++) {
      int j = random.nextInt(i + 1);
      permutation[i] = permutation[j];
      permutation[j] = i;
    }
    return permutation;
  }
}
