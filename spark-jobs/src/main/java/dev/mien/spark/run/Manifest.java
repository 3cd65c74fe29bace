package dev.mien.spark.run;

import java.io.Serializable;
import java.util.Map;

/**
 * What a checkpoint is and what made it; written last, so that a checkpoint without one is none.
 *
 * @param format version of this record and of the files beside it
 * @param round rounds finished
 * @param steps optimiser steps finished
 * @param code which Mien
 * @param dataset URI of the dataset
 * @param datasetVersion version of its {@code videos} table
 * @param seed of the run
 * @param configuration every key as it was resolved, JSON
 * @param parent the checkpoint before it in this run, or empty
 * @param figures of the last round and the last validation
 * @param files name to size and sha256
 */
public record Manifest(
    int format,
    long round,
    long steps,
    String code,
    String dataset,
    long datasetVersion,
    long seed,
    String configuration,
    String parent,
    Map<String, Double> figures,
    Map<String, StoredFile> files) {

  public static final int FORMAT = 1;

  Manifest withFiles(Map<String, StoredFile> stored) {
    return new Manifest(
        format,
        round,
        steps,
        code,
        dataset,
        datasetVersion,
        seed,
        configuration,
        parent,
        figures,
        stored);
  }

  /** A file's size in bytes and the sha256 of them, hex. */
  public record StoredFile(long size, String sha256) implements Serializable {}
}
