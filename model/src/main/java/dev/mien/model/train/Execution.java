package dev.mien.model.train;

import static dev.mien.model.Bounds.requireAtLeastZero;

import ai.djl.Device;
import dev.mien.model.nn.Precision;

/**
 * Where and how a trainer computes. Except for rounding, it does not change a step's result.
 *
 * @param precision of the network's arithmetic; the state is always float32
 * @param microBatch clips that go through the network at a time; a step on a larger batch adds up
 *     the gradients of its parts, which takes less memory and, with a discriminator, a second
 *     forward pass. 0 = all at once
 */
public record Execution(Device device, Precision precision, int microBatch) {
  public Execution {
    requireAtLeastZero("micro-batch", microBatch);
  }

  /** Float32, with the whole batch at once. */
  public static Execution on(Device device) {
    return new Execution(device, Precision.FLOAT32, 0);
  }
}
