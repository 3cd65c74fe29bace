package dev.mien.spark.doctor;

import org.apache.spark.SparkConf;

/**
 * Checks that YARN or Kubernetes, which kill containers that exceed their memory, leave an executor
 * enough of it.
 */
final class ContainerCheck {

  private static final String OVERHEAD = "spark.executor.memoryOverhead";
  private static final long LEAST_OVERHEAD = 384;

  private ContainerCheck() {}

  /** Whether the cluster manager limits executors to the memory that Spark asks for. */
  static boolean concerns(SparkConf spark) {
    String master = spark.get("spark.master");
    return master.startsWith("yarn") || master.startsWith("k8s");
  }

  /**
   * Compares the memory beside the heap with what decoding takes.
   *
   * @param slots tasks that run at a time in one executor
   * @param decodingMemory bytes that one decoding process may take
   */
  static Finding of(SparkConf spark, int slots, long decodingMemory) {
    long heap = spark.getSizeAsMb("spark.executor.memory", "1g");
    double factor = spark.getDouble(OVERHEAD + "Factor", 0.1);
    long usual = Math.max(LEAST_OVERHEAD, (long) (factor * heap));
    long overhead = spark.getSizeAsMb(OVERHEAD, usual + "m");
    long needed = slots * (decodingMemory >> 20);
    String found =
        "%d MiB beside the heap, for %d decoding processes up to %d MiB each"
            .formatted(overhead, slots, decodingMemory >> 20);
    return overhead >= needed
        ? Finding.well("containers", found)
        : new Finding(
            "containers",
            found,
            "set %s=%dm or more, or fewer cores, or lower preprocessing.isolation.memory-limit"
                .formatted(OVERHEAD, needed));
  }
}
