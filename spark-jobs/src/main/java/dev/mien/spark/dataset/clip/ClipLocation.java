package dev.mien.spark.dataset.clip;

/** Where a clip lies: a Parquet file, a row group of it, and a row of that. */
public record ClipLocation(RowGroup rowGroup, int row) {}
