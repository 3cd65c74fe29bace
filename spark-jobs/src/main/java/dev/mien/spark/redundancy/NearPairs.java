package dev.mien.spark.redundancy;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * Finds every pair of fingerprints at most so many bits apart, by comparing each with each. An
 * index over parts of the fingerprints (multi-index hashing) would be faster for random bits. The
 * bits of real faces depend on each other: one in a hundred pairs would remain, and a join takes
 * longer over these than this search over all.
 */
final class NearPairs {

  /**
   * A task compares some strips with all that follow; the driver reads one task's pairs after
   * another's.
   */
  private static final int MOST_TASKS = 1000;

  private NearPairs() {}

  /** Takes a pair and its distance in bits. */
  @FunctionalInterface
  interface Visitor {
    void visit(int better, int worse, int bits);
  }

  /** Visits the pairs ordered by the first position, then by the second, which is larger. */
  static void forEach(
      SparkSession spark, Fingerprints fingerprints, int threshold, Visitor visitor) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    int size = fingerprints.size();
    Broadcast<int[][][]> blocks = context.broadcast(fingerprints.blocks());
    List<Integer> strips = IntStream.range(0, fingerprints.strips()).boxed().toList();
    JavaRDD<int[]> near =
        context
            .parallelize(strips, Math.min(strips.size(), MOST_TASKS))
            .flatMap(
                strip -> new Fingerprints(blocks.value(), size).near(strip, threshold).iterator())
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      near.count(); // runs all tasks at once; a local iterator would start each after the one
      // before
      near.toLocalIterator()
          .forEachRemaining(
              ofOne -> {
                for (int i = 1; i < ofOne.length; i += 2) {
                  visitor.visit(ofOne[0], ofOne[i], ofOne[i + 1]);
                }
              });
    } finally {
      near.unpersist();
      blocks.destroy();
    }
  }
}
