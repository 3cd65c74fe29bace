package dev.mien.preprocessing.track;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/** The sightings of one face, one per frame, held in a file; equal ones are stored once. */
final class SightingLog extends AbstractList<Sighting> implements RandomAccess {
  private final SightingFile file;
  private int[] records = new int[64];
  private int size;

  SightingLog(SightingFile file) {
    this.file = file;
  }

  @Override
  public boolean add(Sighting sighting) {
    append(file.add(sighting));
    return true;
  }

  /** Adds the last sighting once more. */
  void repeat() {
    append(records[size - 1]);
  }

  private void append(int record) {
    if (size == records.length) {
      records = Arrays.copyOf(records, 2 * size);
    }
    records[size++] = record;
  }

  /** Replaces the last sighting, which no other frame may share. */
  void replaceLast(Sighting sighting) {
    file.set(records[size - 1], sighting);
  }

  @Override
  public Sighting get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(index);
    }
    return file.get(records[index]);
  }

  @Override
  public int size() {
    return size;
  }
}
