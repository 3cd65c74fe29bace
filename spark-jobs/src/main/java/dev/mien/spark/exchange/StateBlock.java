package dev.mien.spark.exchange;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.zip.CRC32C;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.BroadcastBlockId;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.Option;
import scala.collection.Iterator;
import scala.reflect.ClassTag;

/**
 * An array of bytes in Spark's block managers. One process puts its own array there, and others
 * have the bytes streamed into arrays of theirs, through Spark's authenticated and encrypted
 * connections. Broadcasts and results of tasks would be serialised, cut up, joined and parsed on
 * the way; a block is copied once on each side. Spark removes it together with the broadcast that
 * it is named after.
 *
 * @param broadcast id of the broadcast that it belongs to
 * @param name unique among the blocks of the broadcast
 * @param length in bytes
 * @param sum CRC-32C of the bytes, which is checked wherever they arrive
 */
public record StateBlock(long broadcast, String name, int length, int sum) implements Serializable {

  /** Puts the bytes, without a copy: nobody may write to them afterwards. */
  static StateBlock put(long broadcast, String name, ByteBuffer bytes) {
    StateBlock block = of(broadcast, name, bytes);
    block.put(bytes, true);
    return block;
  }

  /**
   * Puts the bytes as {@link #put} does, without telling the driver: only who knows the place can
   * fetch them. The driver would otherwise keep account of all chunks of all replicas.
   */
  static StateBlock keep(long broadcast, String name, ByteBuffer bytes) {
    StateBlock block = of(broadcast, name, bytes);
    block.put(bytes, false);
    return block;
  }

  private static StateBlock of(long broadcast, String name, ByteBuffer bytes) {
    return new StateBlock(broadcast, name, bytes.remaining(), sum(bytes));
  }

  /**
   * Returns the bytes, which must not be written to. If they were not in this process, they are
   * kept here from now on, and others can fetch them from here.
   *
   * @throws IOException when nobody has them, or nobody sends them undamaged
   */
  ByteBuffer shared() throws IOException, InterruptedException {
    Optional<ByteBuffer> here = here();
    if (here.isPresent()) {
      return here.get();
    }
    ByteBuffer fetched = fetch();
    put(fetched, true);
    return fetched;
  }

  /** Returns the bytes that another process keeps, without keeping them in this one. */
  ByteBuffer bytes(BlockManagerId keeper) throws IOException, InterruptedException {
    Optional<ByteBuffer> here = here();
    return here.isPresent() ? here.get() : fetch(List.of(keeper));
  }

  private Optional<ByteBuffer> here() {
    Option<BlockData> found = manager().getLocalBytes(id());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(found.get().toByteBuffer());
    } finally {
      // The array stays, and a mapped file stays mapped, when Spark removes the block.
      manager().releaseLock(id(), Option.empty());
    }
  }

  /** Removes the block from this process alone. */
  void removeHere() {
    manager().removeBlock(id(), true);
  }

  /** Fetches the bytes from one of the processes that have them. */
  ByteBuffer fetch() throws IOException, InterruptedException {
    List<BlockManagerId> places = new ArrayList<>();
    Iterator<BlockManagerId> known = manager().master().getLocations(id()).iterator();
    while (known.hasNext()) {
      places.add(known.next());
    }
    // Executors ask different processes, and the driver only where nobody else has the block: all
    // would ask it at once.
    Collections.shuffle(places, new Random(SparkEnv.get().executorId().hashCode() ^ hashCode()));
    places.sort(Comparator.comparing(BlockManagerId::isDriver));
    return fetch(places);
  }

  /** Fetches the bytes from the first of these processes that has them. */
  ByteBuffer fetch(List<BlockManagerId> places) throws IOException, InterruptedException {
    IOException failure = null;
    for (BlockManagerId place : places) {
      IncomingBlock incoming = new IncomingBlock(length);
      manager()
          .blockTransferService()
          .fetchBlocks(
              place.host(),
              place.port(),
              place.executorId(),
              new String[] {id().name()},
              incoming,
              incoming);
      try {
        ByteBuffer bytes = ByteBuffer.wrap(incoming.bytes().get());
        if (sum(bytes) == sum) {
          return bytes;
        }
        failure =
            new IOException(
                "it was damaged on its way from %s: CRC-32C %08x (was %08x when it was put)"
                    .formatted(place, sum(bytes), sum));
      } catch (ExecutionException e) {
        failure = new IOException("from %s: %s".formatted(place, e.getCause()), e.getCause());
      }
    }
    throw new IOException(
        failure == null
            ? "Cannot fetch %s: no process has it".formatted(id())
            : "Cannot fetch %s: %s".formatted(id(), failure.getMessage()),
        failure);
  }

  private void put(ByteBuffer bytes, boolean tellDriver) {
    manager()
        .putBytes(
            id(),
            new ChunkedByteBuffer(bytes.duplicate()),
            StorageLevel.MEMORY_AND_DISK_SER(),
            tellDriver,
            ClassTag.Any());
  }

  private BlockId id() {
    return new BroadcastBlockId(broadcast, name);
  }

  private static int sum(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate());
    return (int) sum.getValue();
  }

  private static BlockManager manager() {
    return SparkEnv.get().blockManager();
  }
}
