package dev.mien.spark.pretrain.replica;

import dev.mien.spark.dataset.clip.ClipLocation;
import dev.mien.spark.dataset.clip.RowGroup;
import dev.mien.spark.dataset.clip.RowGroupReader;
import dev.mien.spark.dataset.clip.StoredClip;
import java.io.IOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/**
 * Row groups as they were read, the least recently used ones leaving first. One an executor: the
 * samples of a round come from few row groups, in a shuffled order. Nobody reads under its lock: a
 * read may hang.
 */
public final class ClipCache {

  private final LinkedHashMap<RowGroup, List<StoredClip>> rowGroups =
      new LinkedHashMap<>(16, 0.75f, true);
  private final Set<RowGroup> beingRead = new HashSet<>();
  private final long capacity;
  private long bytes;

  /**
   * An empty cache.
   *
   * @param capacity bytes; one row group is held even when it is larger
   */
  public ClipCache(long capacity) {
    this.capacity = capacity;
  }

  long capacity() {
    return capacity;
  }

  /**
   * The clip at a location, read with its row group unless that is here.
   *
   * @throws IOException naming the file and the row group that cannot be read
   */
  public StoredClip clip(ClipLocation location, Configuration hadoop) throws IOException {
    return rowGroup(location.rowGroup(), hadoop).get(location.row());
  }

  /**
   * How many row groups to read ahead fill half of the room, going by those that are here: more
   * would push out what is in use. None as long as nothing is here to go by.
   */
  synchronized int roomAhead() {
    return bytes == 0
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, capacity / 2 * rowGroups.size() / bytes);
  }

  /** Reads a row group that will be asked for, unless it is here. */
  void readAhead(RowGroup rowGroup, Configuration hadoop) {
    try {
      rowGroup(rowGroup, hadoop);
    } catch (IOException e) {
      // Whoever asks for it will be told.
    }
  }

  /** Lets others read what somebody, who seems to hang, has begun to read. */
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

  /** Waits for whoever reads it; none when it is the caller's to read. */
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
