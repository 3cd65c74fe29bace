package dev.mien.spark.redundancy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Fingerprints of equal length, laid out for Java's compiler, which compares one with sixteen
 * others at once where the processor counts bits in vectors (AVX-512 VPOPCNTDQ).
 *
 * @param blocks {@code [blocks,words,}{@value #BLOCK}{@code ]}: of so many fingerprints the first
 *     32 bits, then the next ones, and so on; filled up with zeros
 * @param size number of fingerprints
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
record Fingerprints(int[][][] blocks, int size) {

  /** Of this many, the words that are compared at a time stay in a core's nearest cache. */
  static final int BLOCK = 1024;

  /** The bits of each, which must be equally many. */
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

  /**
   * Which of the fingerprints after it are near each of a block's.
   *
   * @param threshold bits by which they may differ
   * @return for each that has any, in order: its position, and then those of the others, in order,
   *     each followed by the bits in which it differs
   */
  List<int[]> near(int block, int threshold) {
    int[][] rows = blocks[block];
    IntStream.Builder[] found = new IntStream.Builder[count(block)];
    int[] bits = new int[BLOCK];
    for (int other = block; other < blocks.length; other++) {
      int[][] columns = blocks[other];
      for (int row = 0; row < found.length; row++) {
        compare(rows, row, columns, bits);
        if (anyWithin(threshold, bits)) {
          for (int column = other == block ? row + 1 : 0; column < count(other); column++) {
            if (bits[column] <= threshold) {
              found[row] = found[row] == null ? begun(block * BLOCK + row) : found[row];
              found[row].add(other * BLOCK + column).add(bits[column]);
            }
          }
        }
      }
    }

    List<int[]> near = new ArrayList<>();
    for (IntStream.Builder ofRow : found) {
      if (ofRow != null) {
        near.add(ofRow.build().toArray());
      }
    }
    return near;
  }

  private static IntStream.Builder begun(int position) {
    return IntStream.builder().add(position);
  }

  /** Fingerprints of a block, the last of which may be less than full. */
  private int count(int block) {
    return Math.min(BLOCK, size - block * BLOCK);
  }

  /** Bits in which a row and each column differ. */
  private static void compare(int[][] rows, int row, int[][] columns, int[] bits) {
    Arrays.fill(bits, 0);
    for (int word = 0; word < rows.length; word++) {
      int w = rows[word][row];
      int[] c = columns[word];
      for (int i = 0; i < BLOCK; i++) {
        bits[i] += Integer.bitCount(w ^ c[i]);
      }
    }
  }

  private static boolean anyWithin(int threshold, int... bits) {
    int within = 0;
    for (int i = 0; i < BLOCK; i++) {
      within += (bits[i] - threshold - 1) >>> 31; // 1 when negative: no vector has a branch
    }
    return within > 0;
  }
}
