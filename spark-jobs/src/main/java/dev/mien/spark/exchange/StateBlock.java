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
 * An array in Spark's block managers: one process puts its own there, and others have its bytes
 * streamed into theirs, through Spark's own authenticated and encrypted connections. Values of
 * broadcasts and results of tasks are serialised, cut up, joined and parsed on the way; a block is
 * copied once on each side. It is removed with the broadcast that it is named after.
 *
 * @param broadcast id of the broadcast that it belongs to
 * @param name of its own among those of the broadcast
 * @param length bytes
 * @param sum CRC-32C of the bytes, which is looked at where they arrive
 */
public record StateBlock(long broadcast, String name, int length, int sum) implements Serializable {

  /** Puts the bytes themselves, which nobody may write to from now on. */
  static StateBlock put(long broadcast, String name, ByteBuffer bytes) {
    StateBlock block = of(broadcast, name, bytes);
    block.put(bytes, true);
    return block;
  }

  /**
   * The same, and only who knows the place finds them: the driver, which has its hands full with
   * the chunks of many replicas, is not told.
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
   * The bytes, not to be written to. If they were not in this process, they are from now on, and
   * others can fetch them from it.
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

  /** The bytes that a process keeps, and not kept in this one. */
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

  /** Takes the block from this process alone. */
  void removeHere() {
    manager().removeBlock(id(), true);
  }

  /** The bytes from one of the processes that have them. */
  ByteBuffer fetch() throws IOException, InterruptedException {
    List<BlockManagerId> places = new ArrayList<>();
    Iterator<BlockManagerId> known = manager().master().getLocations(id()).iterator();
    while (known.hasNext()) {
      places.add(known.next());
    }
    // Each from another, and only from the driver where nobody else has them: all would ask it.
    Collections.shuffle(places, new Random(SparkEnv.get().executorId().hashCode() ^ hashCode()));
    places.sort(Comparator.comparing(BlockManagerId::isDriver));
    return fetch(places);
  }

  /** The bytes from the first of these processes that has them. */
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
