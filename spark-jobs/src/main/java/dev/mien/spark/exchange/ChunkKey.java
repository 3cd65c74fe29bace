package dev.mien.spark.exchange;

/**
 * Orders the contributions in a shuffle: by chunk, with receipts (chunk -1) first, then by replica.
 */
public record ChunkKey(int chunk, int replica) implements Comparable<ChunkKey> {

  @Override
  public int compareTo(ChunkKey other) {
    return chunk != other.chunk
        ? Integer.compare(chunk, other.chunk)
        : Integer.compare(replica, other.replica);
  }
}
