package dev.mien.spark.pretrain;

import dev.mien.spark.run.StepsRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Decides how many steps the next round takes: at first one, if so configured; then τ, or as many
 * as fit into the configured time at the pace of the last rounds. A number that depends on time is
 * recorded before the round begins, and a recorded number takes precedence.
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
   * The number of steps of the next round.
   *
   * @param round rounds finished
   * @param steps optimiser steps finished
   */
  int next(long round, long steps) throws IOException {
    int most = (int) Math.min(Integer.MAX_VALUE, plan.steps() - steps);
    if (steps < plan.averaging().synchronousSteps()) {
      return Math.min(1, most);
    }
    if (plan.averaging().roundTime().isZero()) {
      return Math.min(plan.run().training().localSteps(), most);
    }

    Optional<Integer> recorded = record.of(round);
    if (recorded.isPresent()) {
      return Math.min(
          recorded.get(),
          most); // when settings have changed, fewer steps may be left than were recorded
    }
    int chosen = Math.min(byPace(round), most);
    record.add(round, chosen);
    return chosen;
  }

  /** Notes how long a step took. */
  void pace(double seconds) {
    secondsPerStep.addLast(seconds);
    if (secondsPerStep.size() > PACES) {
      secondsPerStep.removeFirst();
    }
  }

  private int byPace(long round) {
    if (secondsPerStep.isEmpty()) {
      // The pace of a resumed run is taken from its records.
      return record.before(round).orElse(plan.run().training().localSteps());
    }
    double mean = secondsPerStep.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    double wanted = plan.averaging().roundTime().toNanos() * 1e-9;
    return (int) Math.max(1, Math.min(1 << 20, Math.round(wanted / mean)));
  }
}
