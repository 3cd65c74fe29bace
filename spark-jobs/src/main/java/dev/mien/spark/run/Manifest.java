package dev.mien.spark.run;

import dev.mien.spark.config.MienConfiguration;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint is and what made it. It is written last: a folder without a manifest is no
 * checkpoint.
 *
 * @param format version of this record and of the files beside it
 * @param round rounds finished; 0 for weights that were imported
 * @param steps optimiser steps finished
 * @param momentSteps how many of these AdamW's moments have accumulated, whether averaged or kept
 *     by replicas; fewer where the moments were reset
 * @param code version of Mien
 * @param dataset URI of the dataset, empty for weights that were imported
 * @param datasetVersion version of its {@code videos} table
 * @param earlierVersions of the dataset that earlier rounds were trained on, if the run went on
 *     with another
 * @param data numbers of people, videos, tracks and clips that the run was trained on
 * @param seed of the run
 * @param configuration every key as it was resolved, JSON
 * @param parent the checkpoint before it in this run; empty for the first one
 * @param origin the weights that the run began with, by URI and sha256; empty when they were drawn
 * @param figures {@code loss} over the last round before this state, and {@code validation_loss} of
 *     the state after {@code validation_round} rounds; that of the run's last checkpoint is its own
 * @param files size and sha256 of each file by its name
 */
public record Manifest(
    int format,
    long round,
    long steps,
    long momentSteps,
    String code,
    String dataset,
    long datasetVersion,
    List<Long> earlierVersions,
    Map<String, Long> data,
    long seed,
    String configuration,
    String parent,
    String origin,
    Map<String, Double> figures,
    Map<String, StoredFile> files) {

  public static final int FORMAT = 1;

  /** Fields that early versions of Mien did not write are empty. */
  public Manifest {
    earlierVersions = earlierVersions == null ? List.of() : earlierVersions;
    data = data == null ? Map.of() : data;
    origin = origin == null ? "" : origin;
    figures = figures == null ? Map.of() : figures;
  }

  /** The manifest of imported weights, whose {@code files} the writer fills in. */
  public static Manifest imported(MienConfiguration configuration, String origin) {
    return new Manifest(
        FORMAT,
        0,
        0,
        0,
        CodeVersion.current(),
        "",
        0,
        List.of(),
        Map.of(),
        configuration.training().seed(),
        configuration.source(),
        "",
        origin,
        Map.of(),
        Map.of());
  }

  /** The sha256 of the model's file in hex, which identifies the model. */
  public String modelSha256() {
    return files.get(CheckpointFolder.MODEL).sha256();
  }

  Manifest withFiles(Map<String, StoredFile> stored) {
    return with(figures, stored);
  }

  Manifest withFigures(Map<String, Double> known) {
    return with(known, files);
  }

  private Manifest with(Map<String, Double> known, Map<String, StoredFile> stored) {
    return new Manifest(
        format,
        round,
        steps,
        momentSteps,
        code,
        dataset,
        datasetVersion,
        earlierVersions,
        data,
        seed,
        configuration,
        parent,
        origin,
        known,
        stored);
  }

  /** A file's size in bytes and its sha256 in hex. */
  public record StoredFile(long size, String sha256) implements Serializable {}
}
