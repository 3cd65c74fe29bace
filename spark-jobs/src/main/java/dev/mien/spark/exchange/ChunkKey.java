package dev.mien.spark.exchange;

/** Orders what is exchanged: by chunk, receipts (chunk -1) first, and in a chunk by replica. */
public record ChunkKey(int chunk, int replica) implements Comparable<ChunkKey> {

  @Override
  public int compareTo(ChunkKey other) {
    return chunk != other.chunk
        ? Integer.compare(chunk, other.chunk)
        : Integer.compare(replica, other.replica);
  }
}
