package dev.mien.spark.redundancy;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * Every pair of fingerprints at most so many bits apart, by comparing each with each. An index over
 * parts of them (multi-index hashing) would be better for bits that are drawn; of pairs of real
 * faces, whose bits depend on each other, it leaves one in a hundred, and a join takes longer over
 * those than this over all.
 */
final class NearPairs {

  /** A task compares some strips with all that follow, and the driver reads one after another. */
  private static final int MOST_TASKS = 1000;

  private NearPairs() {}

  /** Takes what differs by {@code bits}. */
  @FunctionalInterface
  interface Visitor {
    void visit(int better, int worse, int bits);
  }

  /** Visits the pairs by the first's position, then by the second's, which comes after it. */
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
      near.count(); // all tasks at once; to iterate would begin each after the one before
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
