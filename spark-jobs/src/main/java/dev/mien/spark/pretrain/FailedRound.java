package dev.mien.spark.pretrain;

import dev.mien.spark.exchange.ReplicaFailedException;
import java.util.regex.Pattern;

/** Why a round failed, as a sentence for whoever can mend it. */
final class FailedRound {

  /** Where a stack begins: the executor's under what it says, or the driver's. */
  private static final Pattern STACK = Pattern.compile("\n\tat |\n+Driver stacktrace");

  /** What Spark's executors exit with when their heap is full. */
  private static final String OUT_OF_MEMORY_EXIT = "exited with code 52";

  private FailedRound() {}

  static String reason(Throwable failure) {
    if (failure instanceof ReplicaFailedException || failure instanceof DivergedException) {
      return failure.getMessage()
          + " (go on with a lower optimiser.learning-rate and --allow optimiser.learning-rate, or"
          + " with optimiser.gradient-clip and --allow optimiser.gradient-clip)";
    }

    if (failure instanceof OutOfMemoryError) {
      return "the driver ran out of memory (give it more by --driver-memory): "
          + failure.getMessage();
    }

    String said = STACK.split(String.valueOf(failure.getMessage()), 2)[0].strip();
    if (said.contains(OUT_OF_MEMORY_EXIT) || said.contains("OutOfMemoryError")) {
      return "an executor ran out of memory (give it more by --executor-memory, or lower"
          + " training.batch-size or training.cache-size): "
          + said;
    }
    return said;
  }
}
