package dev.mien.model.optim;

/**
 * Linear warm-up from 0, then half a cosine down to the floor (Loshchilov and Hutter, 2017).
 *
 * @param peak rate at the end of the warm-up
 * @param floor rate from {@code totalSteps} on
 * @param warmupSteps steps of warm-up; 0 = none
 * @param totalSteps steps of the whole run
 */
public record LearningRateSchedule(double peak, double floor, long warmupSteps, long totalSteps) {
  /** The batch to which the options' rates refer. */
  private static final double REFERENCE_BATCH = 256;

  public LearningRateSchedule {
    if (!(floor >= 0 && peak >= floor && peak < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Invalid learning rates: peak %s, floor %s (must be 0 <= floor <= peak)"
              .formatted(peak, floor));
    }
    if (warmupSteps < 0 || totalSteps < 1 || warmupSteps > totalSteps) {
      throw new IllegalArgumentException(
          "Invalid steps: %d of warm-up in %d (must be 0 <= warm-up <= total, total positive)"
              .formatted(warmupSteps, totalSteps));
    }
  }

  /** The options' rates scaled linearly to the clips of one step over all replicas. */
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
    if (step < 0) {
      throw new IllegalArgumentException("Invalid step: " + step + " (must be at least 0)");
    }
    if (step < warmupSteps) {
      return peak * step / warmupSteps;
    }
    if (step >= totalSteps) {
      return floor;
    }
    double done = (double) (step - warmupSteps) / (totalSteps - warmupSteps);
    return floor + 0.5 * (peak - floor) * (1 + Math.cos(Math.PI * done));
  }
}
