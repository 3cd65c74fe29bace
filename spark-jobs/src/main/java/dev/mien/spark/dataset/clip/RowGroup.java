package dev.mien.spark.dataset.clip;

/** A row group of a Parquet file, by its position: the unit of reading. */
public record RowGroup(String file, int position) implements Comparable<RowGroup> {

  @Override
  public int compareTo(RowGroup other) {
    int byFile = file.compareTo(other.file);
    return byFile != 0 ? byFile : Integer.compare(position, other.position);
  }
}
