package dev.mien.spark.pretrain;

import dev.mien.spark.config.TrainingOptions;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkConf;

/**
 * The heap of an executor that has one replica, and what a round needs of it. Blocks that do not
 * fit into Spark's share of the heap go to disk and back.
 *
 * @param given bytes
 * @param wanted bytes: in Spark's share the state that the round starts from, the one that the
 *     replica arrives at, and the executor's part of the average; outside it the cache of clips
 */
record ExecutorHeap(long given, long wanted) {

  /** Spark's default share of the heap. */
  private static final double SHARE = 0.6;

  private static final double GIB = 1 << 30;

  /**
   * Compares Spark's settings with what training needs.
   *
   * @param state bytes of all vectors of a state
   */
  static ExecutorHeap of(SparkConf spark, long state, TrainingOptions training) {
    double blocks = state * (2 + 1.0 / training.replicas());
    double share = spark.getDouble("spark.memory.fraction", SHARE);
    return new ExecutorHeap(
        spark.getSizeAsMb("spark.executor.memory", "1g") << 20,
        (long) (blocks / share) + training.reading().cacheSize());
  }

  /** The warning to print when the heap is too small. */
  Optional<String> shortage() {
    return given >= wanted
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "Executors have %.1f GiB of heap, where a round wants %.1f GiB: what of its states"
                    + " has no room goes to disk each time (raise spark.executor.memory)",
                given / GIB,
                wanted / GIB));
  }
}
