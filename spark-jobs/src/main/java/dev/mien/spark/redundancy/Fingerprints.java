package dev.mien.spark.redundancy;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Fingerprints of equal length, laid out so that Java's compiler can compare one with sixteen
 * others at once where the processor counts bits in vectors (AVX-512 VPOPCNTDQ).
 *
 * @param blocks {@code [blocks,words,}{@value #BLOCK}{@code ]}: the first 32 bits of each
 *     fingerprint in the block, then the next 32 bits of each, and so on; padded with zeros
 * @param size number of fingerprints
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
record Fingerprints(int[][][] blocks, int size) {

  /** Fingerprints in a block: the words that are compared at a time fit a core's nearest cache. */
  static final int BLOCK = 1024;

  /** Fingerprints that are compared with a block before the next block is fetched from memory. */
  private static final int STRIP = 64;

  /** Lays out fingerprints, which must have equally many bits. */
  static Fingerprints of(List<long[]> fingerprints) {
    int longs = fingerprints.isEmpty() ? 1 : fingerprints.get(0).length;
    int[][][] blocks = new int[(fingerprints.size() + BLOCK - 1) / BLOCK][2 * longs][BLOCK];
    for (int i = 0; i < fingerprints.size(); i++) {
      long[] fingerprint = fingerprints.get(i);
      if (fingerprint.length != longs) {
        throw new IllegalArgumentException(
            "Fingerprints of %d and of %d words cannot be compared (preprocess the videos again)"
                .formatted(longs, fingerprint.length));
      }
      for (int word = 0; word < 2 * longs; word++) {
        blocks[i / BLOCK][word][i % BLOCK] = (int) (fingerprint[word / 2] >>> (32 * (word % 2)));
      }
    }
    return new Fingerprints(blocks, fingerprints.size());
  }

  /** The number of strips of {@value #STRIP} fingerprints. */
  int strips() {
    return (size + STRIP - 1) / STRIP;
  }

  /**
   * Finds, for each fingerprint of a strip, the fingerprints after it that are near.
   *
   * @param threshold bits by which they may differ
   * @return an array for each fingerprint that has any, in order: its position, and then the
   *     position and distance in bits of each near one, in order
   */
  List<int[]> near(int strip, int threshold) {
    int first = strip * STRIP;
    IntStream.Builder[] found = new IntStream.Builder[Math.min(STRIP, size - first)];
    int[] bits = new int[BLOCK];
    for (int block = first / BLOCK; block < blocks.length; block++) {
      int begin = block * BLOCK;
      for (int i = 0; i < found.length; i++) {
        int clip = first + i;
        compare(clip, block, bits);
        if (anyWithin(threshold, bits)) {
          int end = Math.min(size, begin + BLOCK);
          for (int other = Math.max(begin, clip + 1); other < end; other++) {
            if (bits[other - begin] <= threshold) {
              found[i] = found[i] == null ? IntStream.builder().add(clip) : found[i];
              found[i].add(other).add(bits[other - begin]);
            }
          }
        }
      }
    }
    return Arrays.stream(found)
        .filter(Objects::nonNull)
        .map(ofOne -> ofOne.build().toArray())
        .toList();
  }

  /** Computes the distances in bits between a fingerprint and each in a block. */
  private void compare(int clip, int block, int[] bits) {
    int[][] own = blocks[clip / BLOCK];
    Arrays.fill(bits, 0);
    for (int word = 0; word < own.length; word++) {
      int value = own[word][clip % BLOCK];
      int[] values = blocks[block][word];
      for (int i = 0; i < BLOCK; i++) {
        bits[i] += Integer.bitCount(value ^ values[i]);
      }
    }
  }

  private static boolean anyWithin(int threshold, int... bits) {
    int within = 0;
    for (int i = 0; i < BLOCK; i++) {
      within +=
          (bits[i] - threshold - 1) >>> 31; // 1 when negative: a branch would not be vectorised
    }
    return within > 0;
  }
}
