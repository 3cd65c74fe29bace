package dev.mien.spark.pretrain.replica;

import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.dataset.clip.RowGroupReader;
import dev.mien.spark.dataset.clip.StoredClip;
import dev.mien.spark.storage.Patience;
import java.io.IOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;

/**
 * Caches row groups as they were read; the least recently used ones leave first. An executor has
 * one cache: the samples of a round come from few row groups, in a shuffled order. Nothing is read
 * while its lock is held, since a read may hang.
 */
public final class ClipCache {

  private final LinkedHashMap<RowGroup, List<StoredClip>> rowGroups =
      new LinkedHashMap<>(16, 0.75f, true);
  private final Set<RowGroup> beingRead = new HashSet<>();

  /** Row groups of which somebody has despaired; whoever else needs them does not wait again. */
  private final Set<RowGroup> despaired = ConcurrentHashMap.newKeySet();

  private final long capacity;
  private long bytes;

  /**
   * An empty cache.
   *
   * @param capacity in bytes; one row group is kept even when it is larger
   */
  public ClipCache(long capacity) {
    this.capacity = capacity;
  }

  long capacity() {
    return capacity;
  }

  /**
   * The clip at a location; its row group is read unless it is cached.
   *
   * @param patience with which it is read
   * @throws IOException naming the file and the row group that cannot be read
   */
  public StoredClip clip(ClipLocation location, Configuration hadoop, Patience patience)
      throws IOException {
    RowGroup rowGroup = location.rowGroup();
    try {
      return (despaired.contains(rowGroup) ? Patience.NONE : patience)
          .with(() -> rowGroup(rowGroup, hadoop))
          .get(location.row());
    } catch (IOException e) {
      despaired.add(rowGroup);
      throw e;
    }
  }

  /**
   * How many row groups to read ahead so that they fill half of the cache, going by the size of
   * those in it: more would push out what is in use. Zero as long as the cache is empty.
   */
  synchronized int roomAhead() {
    return bytes == 0
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, capacity / 2 * rowGroups.size() / bytes);
  }

  /** Reads a row group that will be needed, unless it is cached. */
  void readAhead(RowGroup rowGroup, Configuration hadoop) {
    try {
      rowGroup(rowGroup, hadoop);
    } catch (IOException e) {
      // Whoever needs it will meet the failure again.
    }
  }

  /** Lets other threads read what a thread has begun to read that seems to hang. */
  synchronized void forgetReads() {
    beingRead.clear();
    notifyAll();
  }

  private List<StoredClip> rowGroup(RowGroup rowGroup, Configuration hadoop) throws IOException {
    Optional<List<StoredClip>> held = heldOrMineToRead(rowGroup);
    if (held.isPresent()) {
      return held.get();
    }
    try {
      List<StoredClip> clips = RowGroupReader.read(hadoop, rowGroup);
      hold(rowGroup, clips);
      return clips;
    } finally {
      endRead(rowGroup);
    }
  }

  /** Waits for a thread that reads the row group; empty when the caller is to read it. */
  private synchronized Optional<List<StoredClip>> heldOrMineToRead(RowGroup rowGroup)
      throws IOException {
    try {
      while (!rowGroups.containsKey(rowGroup) && beingRead.contains(rowGroup)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted in waiting for " + rowGroup, e);
    }
    List<StoredClip> clips = rowGroups.get(rowGroup);
    if (clips == null) {
      beingRead.add(rowGroup);
    }
    return Optional.ofNullable(clips);
  }

  private synchronized void hold(RowGroup rowGroup, List<StoredClip> clips) {
    despaired.remove(rowGroup);
    if (rowGroups.putIfAbsent(rowGroup, clips) == null) {
      bytes += bytes(clips);
      shrink();
    }
  }

  private synchronized void endRead(RowGroup rowGroup) {
    beingRead.remove(rowGroup);
    notifyAll();
  }

  private void shrink() {
    Iterator<Map.Entry<RowGroup, List<StoredClip>>> eldest = rowGroups.entrySet().iterator();
    while (bytes > capacity && rowGroups.size() > 1) {
      bytes -= bytes(eldest.next().getValue());
      eldest.remove();
    }
  }

  private static long bytes(List<StoredClip> clips) {
    return clips.stream().mapToLong(StoredClip::bytes).sum();
  }
}
