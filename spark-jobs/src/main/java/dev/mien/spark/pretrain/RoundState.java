package dev.mien.spark.pretrain;

import dev.mien.model.parameters.ParameterLayout;
import dev.mien.model.parameters.ParameterVector;
import dev.mien.model.train.TrainingState;
import dev.mien.spark.config.InnerState;
import dev.mien.spark.exchange.StateChunks;
import dev.mien.spark.run.Checkpoint;
import dev.mien.spark.run.Manifest.StoredFile;
import dev.mien.spark.run.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where a run stands between two rounds, as the driver holds it.
 *
 * @param round rounds finished
 * @param steps optimiser steps finished
 * @param momentSteps how many of these steps the moments have accumulated, wherever the moments are
 *     kept
 * @param vectors the parameters, and the two moments where they are averaged
 * @param momentum of the outer optimiser, once it has taken a step
 * @param replicas names of the files that replicas keep for themselves; empty if they keep none
 */
record RoundState(
    long round,
    long steps,
    long momentSteps,
    StateChunks vectors,
    Optional<StateChunks> momentum,
    Map<String, StoredFile> replicas) {

  /**
   * The start of a run.
   *
   * @param inner what its first round does with the moments, which are zero
   */
  static RoundState initial(TrainingState state, InnerState inner, int replicas) {
    List<float[]> vectors = new ArrayList<>(List.of(state.parameters().values()));
    if (inner == InnerState.AVERAGE) {
      vectors.add(state.firstMoment().values());
      vectors.add(state.secondMoment().values());
    }
    return new RoundState(0, 0, 0, StateChunks.of(vectors, replicas), Optional.empty(), Map.of());
  }

  /**
   * The state of a checkpoint.
   *
   * @param steps that it has behind it, counted in the total batch of the run that goes on
   */
  static RoundState of(Checkpoint checkpoint, long steps, int replicas) {
    List<float[]> vectors = new ArrayList<>(List.of(checkpoint.parameters().values()));
    checkpoint.moments().stream().map(ParameterVector::values).forEach(vectors::add);
    Optional<StateChunks> momentum =
        checkpoint
            .outerMomentum()
            .map(vector -> StateChunks.of(List.of(vector.values()), replicas));
    return new RoundState(
        checkpoint.manifest().round(),
        steps,
        checkpoint.manifest().momentSteps(),
        StateChunks.of(vectors, replicas),
        momentum,
        Map.copyOf(checkpoint.replicas()));
  }

  /**
   * Where the next round takes its moments from, see {@link
   * dev.mien.spark.pretrain.replica.RoundOrder#momentsFrom}.
   *
   * @param synchronous whether the round averages all moments, whatever is configured
   */
  InnerState momentsFrom(InnerState configured, boolean synchronous) {
    boolean forgets = configured == InnerState.RESET && !synchronous;
    if (vectors.vectors() > 1 && !forgets) {
      return InnerState.AVERAGE;
    }
    return configured == InnerState.LOCAL && !replicas.isEmpty()
        ? InnerState.LOCAL
        : InnerState.RESET;
  }

  /** This state with no replica starting from a file of its own. */
  RoundState withoutReplicas() {
    return new RoundState(round, steps, momentSteps, vectors, momentum, Map.of());
  }

  Snapshot snapshot(ParameterLayout layout) {
    List<Snapshot.Values> moments =
        IntStream.range(1, vectors.vectors())
            .<Snapshot.Values>mapToObj(
                moment -> (from, count) -> vectors.values(moment, from, count))
            .toList();
    return new Snapshot(
        layout,
        (from, count) -> vectors.values(0, from, count),
        moments,
        momentum.map(velocity -> (from, count) -> velocity.values(0, from, count)),
        replicas);
  }
}
