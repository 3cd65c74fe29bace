package dev.mien.spark.inspect;

import static org.apache.spark.ml.functions.array_to_vector;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.xxhash64;

import dev.mien.spark.embed.EmbeddingsTable;
import dev.mien.spark.inspect.Report.EmbeddedClip;
import dev.mien.spark.inspect.Report.EmbeddingMap;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/** Projects embeddings onto their first two principal components. */
final class EmbeddingProjection {

  /** How many rows are projected at most. */
  static final int ROWS = 5000;

  /** Fewer rows do not differ in two directions. */
  private static final int FEWEST_ROWS = 3;

  /**
   * How many values a row may have: more than any encoder's width, and far fewer than all its
   * tokens have.
   */
  private static final int WIDEST = 4096;

  private EmbeddingProjection() {}

  /**
   * Projects rows drawn by a hash of clip and frame. Empty, with the reason printed, when there are
   * too few rows, they are too wide, as those with all tokens are, or all are alike.
   */
  static Optional<EmbeddingMap> read(SparkSession spark, String uri) {
    EmbeddingsTable.require(spark, uri);
    Dataset<Row> all = spark.read().format("delta").load(uri);
    if (isTooWide(all, uri)) {
      return Optional.empty();
    }
    Column[] order = {
      xxhash64(col("clip_id"), col("first_frame")), col("clip_id"), col("first_frame")
    };
    Dataset<Row> names = all.select("clip_id", "first_frame").orderBy(order).limit(ROWS);
    // Only the drawn rows are sorted with their embeddings, in one partition: sums depend on their
    // order.
    Dataset<Row> drawn =
        all.join(broadcast(names), new String[] {"clip_id", "first_frame"}, "left_semi")
            .repartition(1)
            .sortWithinPartitions(order)
            .withColumn("features", array_to_vector(col("embedding")))
            .drop("embedding")
            .persist(StorageLevel.MEMORY_AND_DISK());

    try {
      return drawn.count() < FEWEST_ROWS ? Optional.empty() : project(drawn, all, uri);
    } finally {
      drawn.unpersist();
    }
  }

  private static boolean isTooWide(Dataset<Row> all, String uri) {
    for (Row first : all.select(size(col("embedding"))).takeAsList(1)) {
      if (first.getInt(0) > WIDEST) {
        System.out.printf(
            "Left out the embeddings %s: they have %d values each (must have at most %d, as mien"
                + " embed --set embedding.output=pooled makes them)%n",
            uri, first.getInt(0), WIDEST);
        return true;
      }
    }
    return false;
  }

  private static Optional<EmbeddingMap> project(Dataset<Row> drawn, Dataset<Row> all, String uri) {
    PCAModel components =
        new PCA().setInputCol("features").setOutputCol("plane").setK(2).fit(drawn);
    double[] explained = components.explainedVariance().toArray();
    if (!Arrays.stream(explained).allMatch(Double::isFinite)) {
      System.out.printf("Left out the embeddings %s: they are all alike%n", uri);
      return Optional.empty();
    }
    List<EmbeddedClip> clips =
        components
            .transform(drawn)
            .select("plane", "clip_id", "track_id", "video_id", "person_id", "first_frame")
            .orderBy("clip_id", "first_frame")
            .collectAsList()
            .stream()
            .map(EmbeddingProjection::point)
            .toList();
    String summary =
        String.format(
            Locale.ROOT,
            "%,d of %,d embeddings of %d values, by principal components.",
            clips.size(),
            all.count(),
            components.pc().numRows());
    return Optional.of(new EmbeddingMap(clips, Arrays.stream(explained).boxed().toList(), summary));
  }

  private static EmbeddedClip point(Row row) {
    Vector plane = row.getAs(0);
    return new EmbeddedClip(
        plane.apply(0),
        plane.apply(1),
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getInt(5));
  }
}
