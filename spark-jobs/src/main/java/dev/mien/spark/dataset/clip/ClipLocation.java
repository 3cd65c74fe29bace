package dev.mien.spark.dataset.clip;

/** Where a clip lies: a row group of a Parquet file, and a row in it. */
public record ClipLocation(RowGroup rowGroup, int row) {}
