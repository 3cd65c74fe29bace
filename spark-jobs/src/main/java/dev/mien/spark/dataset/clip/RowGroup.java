package dev.mien.spark.dataset.clip;

/** The unit of reading: one row group, by its position, of a Parquet file. */
public record RowGroup(String file, int position) implements Comparable<RowGroup> {

  @Override
  public int compareTo(RowGroup other) {
    int byFile = file.compareTo(other.file);
    return byFile != 0 ? byFile : Integer.compare(position, other.position);
  }
}
