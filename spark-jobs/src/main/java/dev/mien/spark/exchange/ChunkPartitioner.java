package dev.mien.spark.exchange;

import org.apache.spark.Partitioner;

/** Sends each chunk to the partition of its number, and receipts to the first partition. */
final class ChunkPartitioner extends Partitioner {

  private static final long serialVersionUID = 1L;

  private final int partitions;

  ChunkPartitioner(int partitions) {
    this.partitions = partitions;
  }

  @Override
  public int numPartitions() {
    return partitions;
  }

  @Override
  public int getPartition(Object key) {
    return Math.max(0, ((ChunkKey) key).chunk());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChunkPartitioner that && partitions == that.partitions;
  }

  @Override
  public int hashCode() {
    return partitions;
  }
}
