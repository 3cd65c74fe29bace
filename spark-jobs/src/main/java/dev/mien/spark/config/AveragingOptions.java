package dev.mien.spark.config;

import dev.mien.spark.exchange.Encoding;
import java.time.Duration;

/**
 * How replicas are averaged.
 *
 * @param synchronousSteps first steps of the run, after each of which everything is averaged
 * @param roundTime for which a round should train, in place of a fixed number of steps; zero means
 *     a fixed number
 * @param innerState what becomes of AdamW's moments
 * @param outer what the driver does with the average
 * @param outerLearningRate η; 0 means by the number of replicas
 * @param outerMomentum μ
 * @param exchange how parameters are encoded on the way to the average
 */
public record AveragingOptions(
    int synchronousSteps,
    Duration roundTime,
    InnerState innerState,
    OuterOptimiser outer,
    double outerLearningRate,
    double outerMomentum,
    Encoding exchange) {

  public AveragingOptions {
    if (exchange != Encoding.FLOAT32 && innerState == InnerState.AVERAGE) {
      throw new IllegalArgumentException(
          "Invalid exchange: rounded, with averaged moments (rounding could make second moments"
              + " negative: set inner-state to local or reset, or exchange to float32)");
    }
  }

  /**
   * The outer learning rate for so many replicas: the one that is set, or else the best one for
   * models of 90 million to 2.4 billion parameters (Charles et al., 2025, figure 7).
   */
  public double outerLearningRate(int replicas) {
    if (outerLearningRate > 0) {
      return outerLearningRate;
    }
    return replicas == 1 ? 0.4 : replicas < 8 ? 0.6 : 0.8;
  }
}
