package dev.mien.spark.redundancy;

import java.util.List;

/**
 * Fingerprints of equal length, one after another.
 *
 * @param words {@code [size, width]}; 64 bits each
 * @param width words of one fingerprint
 */
@SuppressWarnings("ArrayRecordComponent") // bulk data: handed over, not compared
record Fingerprints(long[] words, int width) {

  Fingerprints {
    if (width < 1 || words.length % width != 0) {
      throw new IllegalArgumentException(
          "Invalid fingerprints: %d words (must be a multiple of the width %d)"
              .formatted(words.length, width));
    }
  }

  /** The words of each, which must be equally many. */
  static Fingerprints of(List<long[]> fingerprints) {
    int width = fingerprints.isEmpty() ? 1 : fingerprints.get(0).length;
    long[] words = new long[fingerprints.size() * width];
    for (int i = 0; i < fingerprints.size(); i++) {
      if (fingerprints.get(i).length != width) {
        throw new IllegalArgumentException(
            "Fingerprints of %d and of %d words cannot be compared (preprocess the videos again)"
                .formatted(width, fingerprints.get(i).length));
      }
      System.arraycopy(fingerprints.get(i), 0, words, i * width, width);
    }
    return new Fingerprints(words, width);
  }

  int size() {
    return words.length / width;
  }

  int bits() {
    return width * Long.SIZE;
  }

  /** Bits in which two of them differ. */
  int distance(int a, int b) {
    int distance = 0;
    for (int i = 0; i < width; i++) {
      distance += Long.bitCount(words[a * width + i] ^ words[b * width + i]);
    }
    return distance;
  }

  /** Bits {@code from} to {@code from + count - 1} of a fingerprint, at most 64 of them. */
  long bits(int index, int from, int count) {
    int word = index * width + from / Long.SIZE;
    int shift = from % Long.SIZE;
    long bits = words[word] >>> shift;
    if (shift + count > Long.SIZE) {
      bits |= words[word + 1] << (Long.SIZE - shift);
    }
    return count == Long.SIZE ? bits : bits & ((1L << count) - 1);
  }
}
