package dev.mien.model.optim;

import static dev.mien.model.Bounds.requireAtLeastZero;

/**
 * Linear warm-up from 0, then half a cosine down to the floor (Loshchilov and Hutter, 2017).
 *
 * @param peak rate at the end of the warm-up
 * @param floor rate from {@code totalSteps} on
 * @param warmupSteps steps of warm-up; 0 = none
 * @param totalSteps steps of the whole run
 * @param period steps of an epoch, which need not be whole, for the reference's schedule: its rate
 *     changes once an epoch, after the epoch's first step, to that of the next epoch's start, and
 *     its warm-up reaches the peak in its last step, not in the first one after it; 0 = the rate
 *     changes with every step
 */
public record LearningRateSchedule(
    double peak, double floor, long warmupSteps, long totalSteps, double period) {
  /** The batch size that the options' rates refer to. */
  private static final double REFERENCE_BATCH = 256;

  public LearningRateSchedule {
    if (!(floor >= 0 && peak >= floor && peak < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Invalid learning rates: peak %s, floor %s (must be 0 <= floor <= peak)"
              .formatted(peak, floor));
    }
    if (!(period >= 0 && period < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Invalid period: " + period + " (must be at least 0 steps)");
    }
    if (warmupSteps < 0 || totalSteps < 1 || warmupSteps > totalSteps) {
      throw new IllegalArgumentException(
          "Invalid steps: %d of warm-up in %d (must be 0 <= warm-up <= total, total positive)"
              .formatted(warmupSteps, totalSteps));
    }
  }

  /** A schedule whose rate changes with every step. */
  public LearningRateSchedule(double peak, double floor, long warmupSteps, long totalSteps) {
    this(peak, floor, warmupSteps, totalSteps, 0);
  }

  /** The same schedule, with a rate that changes once in an epoch of so many steps. */
  public LearningRateSchedule every(double steps) {
    return new LearningRateSchedule(peak, floor, warmupSteps, totalSteps, steps);
  }

  /**
   * A schedule with the options' rates, scaled linearly to the clips of one step over all replicas.
   */
  public static LearningRateSchedule of(
      OptimiserOptions options, int totalBatch, long warmupSteps, long totalSteps) {
    double scale = totalBatch / REFERENCE_BATCH;
    return new LearningRateSchedule(
        options.learningRate() * scale,
        options.minimumLearningRate() * scale,
        warmupSteps,
        totalSteps);
  }

  /** The rate of the step that follows {@code step} finished ones. */
  public double at(long step) {
    requireAtLeastZero("step", step);
    double position = period > 0 ? epochAfter(step) * period : step;
    if (position < warmupSteps) {
      return warmUp(position);
    }
    if (position >= totalSteps) {
      return floor;
    }
    double done = (position - warmupSteps) / (totalSteps - warmupSteps);
    return floor + 0.5 * (peak - floor) * (1 + Math.cos(Math.PI * done));
  }

  private double warmUp(double position) {
    double last = period > 0 ? Math.max(1, warmupSteps - 1) : warmupSteps;
    return peak * Math.min(1, position / last); // for epochs that are not of whole steps
  }

  /**
   * The epoch whose rate applies: the reference's scheduler is stepped after the first batch of
   * each epoch.
   */
  private double epochAfter(long step) {
    double epoch = Math.floor(step / period);
    boolean isFirst = step == 0 || Math.floor((step - 1) / period) < epoch;
    return isFirst ? epoch : epoch + 1;
  }
}
