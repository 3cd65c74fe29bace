package dev.mien.model.objective;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Chooses the visible patches of a tubelet by fasking (Cai et al., MARLIN, CVPR 2023): region by
 * region, until the wanted share of the patches is visible.
 *
 * <p>The share is checked after each bit of the region map, as MARLIN checks it after each label of
 * its face parser. A map with one bit per label gives MARLIN's patches. A dataset stores one bit
 * per component, so that the last component is shown whole where MARLIN may stop inside it: on the
 * reference's sample that is 8 of 6272 tokens with the components first, and none with background
 * and skin first.
 *
 * @param components each component's bits, in the order in which they are shown
 * @param skin the skin's bits
 * @param background the background's bits
 */
record Fasking(List<List<Integer>> components, List<Integer> skin, List<Integer> background) {

  /** The bits of a stored region map: two eyes, nose, mouth, hair, then skin and background. */
  static final Fasking REGIONS =
      new Fasking(
          List.of(List.of(0), List.of(1), List.of(2), List.of(3), List.of(4)),
          List.of(5),
          List.of(6));

  /** All bits in order, with background and skin first, so that the components are masked. */
  int[] componentsLast(int... permutation) {
    return flat(Stream.concat(Stream.of(background, skin), permuted(permutation)));
  }

  /** All bits in order, with the components first. */
  int[] componentsFirst(int... permutation) {
    return flat(Stream.concat(permuted(permutation), Stream.of(skin, background)));
  }

  private Stream<List<Integer>> permuted(int... permutation) {
    return IntStream.of(permutation).mapToObj(components::get);
  }

  private static int[] flat(Stream<List<Integer>> bits) {
    return bits.flatMap(List::stream).mapToInt(Integer::intValue).toArray();
  }

  /**
   * Combines the bits of each patch's cells.
   *
   * @param cells returns the bits of a cell by its number in the row-major square map
   * @param side cells along one side of the map
   * @param grid patches along one side, a divisor of {@code side}
   * @return {@code [grid*grid]}
   */
  static int[] pooled(IntUnaryOperator cells, int side, int grid) {
    int cell = side / grid;
    var pooled = new int[grid * grid];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        pooled[y / cell * grid + x / cell] |= cells.applyAsInt(y * side + x);
      }
    }
    return pooled;
  }

  /**
   * Flags the visible patches.
   *
   * @param patches the bits of each patch; when none has any, since there is no face, all patches
   *     are visible
   * @param order bits in the order in which they are shown
   * @param share of the patches from which on no further bit is shown
   */
  static byte[] shown(int[] patches, int[] order, double share) {
    var shown = new byte[patches.length];
    if (Arrays.stream(patches).allMatch(bits -> bits == 0)) {
      Arrays.fill(shown, (byte) 1);
      return shown;
    }
    int count = 0;
    for (int bit : order) {
      for (int i = 0; i < patches.length; i++) {
        if (shown[i] == 0 && (patches[i] >> bit & 1) == 1) {
          shown[i] = 1;
          count++;
        }
      }
      if (count >= share * patches.length) {
        break;
      }
    }
    return shown;
  }
}
