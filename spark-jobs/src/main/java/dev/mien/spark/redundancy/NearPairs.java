package dev.mien.spark.redundancy;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import java.util.Iterator;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Every pair of fingerprints at most so many bits apart, and no other: those that share a key of a
 * {@link BlockPlan} are joined, and the distance decides.
 */
final class NearPairs {

  private static final StructType KEYS =
      new StructType()
          .add("key", DataTypes.LongType, false)
          .add("clip", DataTypes.IntegerType, false);

  private NearPairs() {}

  /** Columns {@code a, b, distance}, a before b by position, in that order. */
  static Dataset<Row> find(
      SparkSession spark, Fingerprints fingerprints, int threshold, BlockPlan plan) {
    Broadcast<long[]> words =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(fingerprints.words());
    int width = fingerprints.width();
    UserDefinedFunction distance =
        udf(
            (UDF2<Integer, Integer, Integer>)
                (a, b) -> new Fingerprints(words.value(), width).distance(a, b),
            DataTypes.IntegerType);
    Column apart = distance.apply(col("l.clip"), col("r.clip"));
    Dataset<Row> left = keys(spark, words, width, plan, plan.radiusOnTheLeft());
    // Spark takes all keys of a clip for the one number that they are made of, and would have the
    // driver collect them.
    Dataset<Row> right = keys(spark, words, width, plan, plan.radiusOnTheRight()).hint("merge");
    return left.as("l")
        .join(
            right.as("r"),
            col("l.key")
                .equalTo(col("r.key"))
                .and(col("l.clip").lt(col("r.clip")))
                .and(apart.leq(threshold)))
        .selectExpr("l.clip a", "r.clip b")
        .distinct()
        .withColumn("distance", distance.apply(col("a"), col("b")))
        .orderBy("a", "b");
  }

  private static Dataset<Row> keys(
      SparkSession spark, Broadcast<long[]> words, int width, BlockPlan plan, int around) {
    FlatMapFunction<Long, Row> keysOfClip =
        clip -> keys(new Fingerprints(words.value(), width), plan, clip.intValue(), around);
    return spark.range(words.value().length / width).flatMap(keysOfClip, Encoders.row(KEYS));
  }

  private static Iterator<Row> keys(
      Fingerprints fingerprints, BlockPlan plan, int clip, int around) {
    LongStream.Builder keys = LongStream.builder();
    plan.keys(fingerprints, clip, around, keys);
    return keys.build().mapToObj(key -> RowFactory.create(key, clip)).iterator();
  }
}
