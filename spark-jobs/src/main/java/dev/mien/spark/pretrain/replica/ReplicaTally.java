package dev.mien.spark.pretrain.replica;

import dev.mien.model.train.StepLoss;
import dev.mien.spark.run.Manifest.StoredFile;
import java.util.Map;
import org.apache.spark.SparkEnv;

/** Sums over the steps of one replica in one round. */
final class ReplicaTally {

  private final long firstStep;
  private long steps;
  private long examples;
  private double reconstruction;
  private double adversarial;
  private double discriminator;
  private double gradientNorm;
  private final long began = System.nanoTime();
  private long ended = began;
  private String leftOut = "";
  private long waitedNanos;
  private long trainedNanos;

  /**
   * Begins at zero.
   *
   * @param firstStep optimiser steps that the run has behind it
   */
  ReplicaTally(long firstStep) {
    this.firstStep = firstStep;
  }

  /** Optimiser steps that the run has behind it, including those counted here. */
  long step() {
    return firstStep + steps;
  }

  long examples() {
    return examples;
  }

  void add(StepLoss loss, int clips, long waited, long trained) {
    steps++;
    examples += clips;
    reconstruction += loss.reconstruction();
    adversarial += loss.adversarial();
    discriminator += loss.discriminator();
    gradientNorm += loss.gradientNorm();
    waitedNanos += waited;
    trainedNanos += trained;
    ended = System.nanoTime();
  }

  /** Notes why clips were left out; empty when none were. */
  void leftOut(String reason) {
    leftOut = reason;
  }

  /**
   * The receipt, with means of what was added.
   *
   * @param given how many clips the replica was given, whether or not it trained on them
   * @param kept the file that the replica keeps
   */
  ReplicaReceipt receipt(int replica, long given, Map<String, StoredFile> kept) {
    long counted = Math.max(1, steps);
    return new ReplicaReceipt(
        replica,
        SparkEnv.get().executorId(),
        SparkEnv.get().blockManager().blockManagerId().host(),
        examples,
        given - examples,
        leftOut,
        reconstruction / counted,
        adversarial / counted,
        discriminator / counted,
        gradientNorm / counted,
        trainedNanos * 1e-9,
        waitedNanos * 1e-9,
        began,
        ended,
        kept);
  }
}
