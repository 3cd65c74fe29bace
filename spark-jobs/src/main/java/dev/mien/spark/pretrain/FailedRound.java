package dev.mien.spark.pretrain;

import dev.mien.spark.exchange.ReplicaFailedException;

/** Why a round failed, as a sentence for whoever can mend it. */
final class FailedRound {

  private static final String TRACE = "\nDriver stacktrace";

  /** What Spark's executors exit with when their heap is full. */
  private static final String OUT_OF_MEMORY_EXIT = "exited with code 52";

  private FailedRound() {}

  static String reason(Throwable failure) {
    if (failure instanceof ReplicaFailedException) {
      return failure.getMessage()
          + " (lower optimiser.learning-rate, or set optimiser.gradient-clip)";
    }

    String message = String.valueOf(failure.getMessage());
    int trace = message.indexOf(TRACE);
    String said = trace < 0 ? message : message.substring(0, trace);
    if (said.contains(OUT_OF_MEMORY_EXIT) || said.contains("OutOfMemoryError")) {
      return "an executor ran out of memory (give it more by --executor-memory, or lower"
          + " training.batch-size or training.cache-size): "
          + said;
    }
    return said;
  }
}
