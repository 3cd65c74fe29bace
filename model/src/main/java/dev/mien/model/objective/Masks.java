package dev.mien.model.objective;

import dev.mien.model.marlin.MarlinArchitecture;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Draws which tokens of a clip the encoder sees: 1 = visible, 0 = masked.
 *
 * <p>Every strategy first shows at least the wanted share of each tubelet, or of the clip, and then
 * hides tokens at random over the whole clip until the exact count is left, as MARLIN does (Cai et
 * al., CVPR 2023). A region map joins the labels of MARLIN's face parser: {@link
 * MaskStrategy#FASKING_OPPOSITE} may stop later than MARLIN's, by 8 of 6272 tokens on the
 * reference's sample before the random hiding. {@link MaskStrategy#FASKING} is not affected while
 * background and skin, which are one label each, reach the share.
 */
public final class Masks {
  /** Cells along one side of a region map. */
  public static final int REGION_SIDE = 56;

  private Masks() {}

  /** Tokens that stay visible, truncated as MARLIN does: 156 of 1568 at 0.9. */
  public static int visibleCount(MarlinArchitecture a, double maskRatio) {
    requireRatio(maskRatio);
    int count = (int) (a.tokens() * (1 - maskRatio));
    if (count == 0) {
      throw new IllegalArgumentException(
          "Invalid mask ratio: %s (leaves none of %d tokens visible)"
              .formatted(maskRatio, a.tokens()));
    }
    return count;
  }

  /**
   * Draws a clip's visible tokens.
   *
   * @param regions the window's region maps {@code [T,56,56]}: bit r of a cell is set when any of
   *     its pixels lies in region r of right eye, left eye, nose, mouth, hair, skin, background; a
   *     frame of zeros has no face. Read by the two fasking strategies only.
   * @param seed the only source of chance
   * @return flags {@code [tokens]} with exactly {@link #visibleCount} ones
   * @throws IllegalArgumentException if the region maps do not fit the architecture, or leave too
   *     few tokens to show
   */
  public static byte[] draw(
      MaskStrategy strategy, MarlinArchitecture a, double maskRatio, byte[] regions, long seed) {
    int count = visibleCount(a, maskRatio);
    var random = new SplittableRandom(seed);
    byte[] visible =
        switch (strategy) {
          case FASKING ->
              regionsShown(
                  a, maskRatio, regions, Fasking.REGIONS.componentsLast(components(random)));
          case FASKING_OPPOSITE ->
              regionsShown(
                  a, maskRatio, regions, Fasking.REGIONS.componentsFirst(components(random)));
          case TUBE -> tubes(a, maskRatio, random);
          case RANDOM -> ones(a.tokens());
          case FRAME -> frames(a, maskRatio, random);
        };
    hide(visible, count, random);
    return visible;
  }

  /** Shows one region after the other in each tubelet until its share is reached. */
  static byte[] regionsShown(MarlinArchitecture a, double maskRatio, byte[] regions, int[] order) {
    int side = a.gridSide();
    if (REGION_SIDE % side != 0) {
      throw new IllegalArgumentException(
          "Invalid grid: %d patches a side (must divide %d, the side of a region map)"
              .formatted(side, REGION_SIDE));
    }
    int cells = REGION_SIDE * REGION_SIDE;
    if (regions.length != a.frames() * cells) {
      throw new IllegalArgumentException(
          "Invalid region maps: %d cells (must be %d: %d frames of %d by %d)"
              .formatted(regions.length, a.frames() * cells, a.frames(), REGION_SIDE, REGION_SIDE));
    }
    int patches = side * side;
    var visible = new byte[a.tokens()];
    for (int tubelet = 0; tubelet < a.tubelets(); tubelet++) {
      int first = tubelet * a.tubelet() * cells; // of the pair's first frame, as MARLIN
      int[] pooled = Fasking.pooled(i -> regions[first + i], REGION_SIDE, side);
      byte[] shown = Fasking.shown(pooled, order, 1 - maskRatio);
      System.arraycopy(shown, 0, visible, tubelet * patches, patches);
    }
    return visible;
  }

  private static byte[] tubes(MarlinArchitecture a, double maskRatio, SplittableRandom random) {
    int patches = a.gridSide() * a.gridSide();
    byte[] tube = ones(patches);
    hide(tube, (int) Math.ceil(patches * (1 - maskRatio)), random);
    var visible = new byte[a.tokens()];
    for (int tubelet = 0; tubelet < a.tubelets(); tubelet++) {
      System.arraycopy(tube, 0, visible, tubelet * patches, patches);
    }
    return visible;
  }

  private static byte[] frames(MarlinArchitecture a, double maskRatio, SplittableRandom random) {
    byte[] whole = ones(a.tubelets());
    hide(whole, (int) Math.ceil(a.tubelets() * (1 - maskRatio)), random);
    int patches = a.gridSide() * a.gridSide();
    var visible = new byte[a.tokens()];
    for (int tubelet = 0; tubelet < a.tubelets(); tubelet++) {
      Arrays.fill(visible, tubelet * patches, (tubelet + 1) * patches, whole[tubelet]);
    }
    return visible;
  }

  private static byte[] ones(int count) {
    var ones = new byte[count];
    Arrays.fill(ones, (byte) 1);
    return ones;
  }

  /** Hides visible tokens, each alike, until the count is left. */
  private static void hide(byte[] visible, int count, SplittableRandom random) {
    var shown = new int[visible.length];
    int left = 0;
    for (int i = 0; i < visible.length; i++) {
      if (visible[i] == 1) {
        shown[left++] = i;
      }
    }
    if (left < count) {
      throw new IllegalArgumentException(
          "Invalid region maps: only %d of %d tokens can be shown (cells of a frame with a face"
                  .formatted(left, count)
              + " must all lie in a region)");
    }
    while (left > count) {
      int pick = random.nextInt(left);
      visible[shown[pick]] = 0;
      shown[pick] = shown[--left];
    }
  }

  /** The components of a region map in the clip's order. */
  private static int[] components(SplittableRandom random) {
    var permutation = new int[Fasking.REGIONS.components().size()];
    for (int i = 0; i < permutation.length; i++) {
      int j = random.nextInt(i + 1);
      permutation[i] = permutation[j];
      permutation[j] = i;
    }
    return permutation;
  }

  static void requireRatio(double maskRatio) {
    if (!(maskRatio >= 0 && maskRatio < 1)) {
      throw new IllegalArgumentException(
          "Invalid mask ratio: " + maskRatio + " (must be in [0,1))");
    }
  }
}
