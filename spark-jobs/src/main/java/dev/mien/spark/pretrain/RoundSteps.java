package dev.mien.spark.pretrain;

import dev.mien.spark.run.StepsRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How many steps the next round takes: one at a time at first, if so configured, then τ, or as many
 * as the configured time holds by the pace of the last rounds. The latter are recorded before the
 * round begins, and a record goes before any pace.
 */
final class RoundSteps {

  private static final int PACES = 5;

  private final Plan plan;
  private final StepsRecord record;
  private final Deque<Double> secondsPerStep = new ArrayDeque<>();

  RoundSteps(Plan plan, StepsRecord record) {
    this.plan = plan;
    this.record = record;
  }

  /**
   * Steps of the round that follows.
   *
   * @param round rounds finished
   * @param steps optimiser steps finished
   */
  int next(long round, long steps) throws IOException {
    int most = (int) Math.min(Integer.MAX_VALUE, plan.steps() - steps);
    if (steps < plan.run().averaging().synchronousSteps()) {
      return Math.min(1, most);
    }
    if (plan.run().averaging().roundTime().isZero()) {
      return Math.min(plan.run().training().localSteps(), most);
    }

    Optional<Integer> recorded = record.of(round);
    if (recorded.isPresent()) {
      return Math.min(
          recorded.get(), most); // less is left than there was when settings have changed
    }
    int chosen = Math.min(byPace(round), most);
    record.add(round, chosen);
    return chosen;
  }

  /** Takes note of how long a step took. */
  void pace(double seconds) {
    secondsPerStep.addLast(seconds);
    if (secondsPerStep.size() > PACES) {
      secondsPerStep.removeFirst();
    }
  }

  private int byPace(long round) {
    if (secondsPerStep.isEmpty()) {
      // A run that was resumed had found its pace.
      return record.before(round).orElse(plan.run().training().localSteps());
    }
    double mean = secondsPerStep.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    double wanted = plan.run().averaging().roundTime().toNanos() * 1e-9;
    return (int) Math.max(1, Math.min(1 << 20, Math.round(wanted / mean)));
  }
}
