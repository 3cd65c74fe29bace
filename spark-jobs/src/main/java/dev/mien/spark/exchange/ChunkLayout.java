package dev.mien.spark.exchange;

import java.io.Serializable;

/**
 * How vectors of one length, laid one after another, are cut into chunks. Chunks stay far below the
 * 2 GiB of a Java array or a Kryo buffer whatever the model, and are smaller when many replicas
 * send theirs to the same task. A chunk may begin in one vector and end in the next.
 *
 * @param vectors how many there are
 * @param size values in each
 * @param chunkFloats values in every chunk but the last
 */
public record ChunkLayout(int vectors, int size, int chunkFloats) implements Serializable {

  /** Values that are handed over at once: 1 MiB, which fits a processor's cache. */
  static final int PART = 1 << 18;

  private static final int LARGEST = 32 << 20 >> 2;
  private static final int SMALLEST = 1 << 20 >> 2;

  /** Values in all replicas' copies of one chunk, which one task holds together. */
  private static final int MEETING = 128 << 20 >> 2;

  /**
   * Room for Java's array header. Large arrays take whole regions of Java's heap, whose sizes are
   * powers of two, and a chunk with its header should not spill into another region.
   */
  private static final int HEAD = 2 << 10 >> 2;

  static ChunkLayout of(int vectors, int size, int replicas) {
    int whole = Math.max(SMALLEST, Math.min(LARGEST, MEETING / replicas));
    return new ChunkLayout(vectors, size, whole - HEAD);
  }

  /**
   * The same chunk size for another number of vectors, so that the chunks of the vectors that both
   * have coincide.
   */
  ChunkLayout of(int otherVectors) {
    return new ChunkLayout(otherVectors, size, chunkFloats);
  }

  int chunks() {
    return Math.toIntExact((total() + chunkFloats - 1) / chunkFloats);
  }

  int length(int chunk) {
    return (int) Math.min(chunkFloats, total() - start(chunk));
  }

  /** How many of a chunk's values belong to the first vector; they come first in the chunk. */
  int inFirstVector(int chunk) {
    return (int) Math.max(0, Math.min(length(chunk), size - start(chunk)));
  }

  /**
   * Calls the consumer for each part of a chunk; a part lies within one vector and has at most
   * {@link #PART} values.
   */
  void forEachPart(int chunk, PartConsumer consumer) {
    int length = length(chunk);
    for (int at = 0; at < length; ) {
      long position = start(chunk) + at;
      int from = (int) (position % size);
      int count = Math.min(PART, Math.min(length - at, size - from));
      consumer.accept((int) (position / size), from, at, count);
      at += count;
    }
  }

  private long start(int chunk) {
    return (long) chunk * chunkFloats;
  }

  private long total() {
    return (long) vectors * size;
  }

  /**
   * Receives {@code count} values of a vector, from its index {@code from} on, which lie at {@code
   * at} in the chunk.
   */
  @FunctionalInterface
  interface PartConsumer {
    void accept(int vector, int from, int at, int count);
  }
}
