package dev.mien.model.train;

import ai.djl.Device;
import dev.mien.model.marlin.MarlinArchitecture;
import dev.mien.model.objective.ClipBatch;
import dev.mien.model.objective.ObjectiveOptions;
import dev.mien.model.optim.AdamWOptions;

/** A resident network that takes optimiser steps; not thread-safe; close it. */
@SuppressWarnings("DoNotCallSuggester")
public final class LocalTrainer implements AutoCloseable {
  private LocalTrainer() {}

  public static LocalTrainer open(
      MarlinArchitecture a, ObjectiveOptions objective, AdamWOptions optimiser, Device device) {
    throw new UnsupportedOperationException();
  }

  public void load(TrainingState state) {
    throw new UnsupportedOperationException();
  }

  public StepLoss step(ClipBatch batch, double learningRate) {
    throw new UnsupportedOperationException();
  }

  public TrainingState state() {
    throw new UnsupportedOperationException();
  }

  public StepLoss evaluate(ClipBatch batch) {
    throw new UnsupportedOperationException();
  }

  public Reconstruction reconstruct(ClipBatch batch) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
