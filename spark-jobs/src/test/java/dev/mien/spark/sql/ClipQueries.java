package dev.mien.spark.sql;

import dev.mien.spark.MienExtensions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;

/** A notebook's session over a dataset of {@link ColouredClips}. Close it. */
record ClipQueries(SparkSession spark, Path folder) implements AutoCloseable {

  static ClipQueries open() throws IOException {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.databricks.delta.snapshotPartitions", "1")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.databricks.delta.snapshotPartitions", "1")
            .config(
                "spark.sql.extensions",
                "io.delta.sql.DeltaSparkSessionExtension," + MienExtensions.class.getName())
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .getOrCreate();
    ClipQueries queries = new ClipQueries(spark, Files.createTempDirectory("pictures"));
    ColouredClips.write(spark, queries.dataset());
    return queries;
  }

  String dataset() {
    return folder.resolve("dataset").toUri().toString();
  }

  /** What a call of a function gives for a clip. */
  byte[] ofClip(String call, String clipId) {
    return one(call, "clip_id = '" + clipId + "'");
  }

  byte[] one(String call, String condition) {
    return spark
        .sql("SELECT %s FROM mien_clips('%s') WHERE %s".formatted(call, dataset(), condition))
        .first()
        .getAs(0);
  }

  @Override
  public void close() {
    spark.stop();
    FileUtil.fullyDelete(folder.toFile());
  }
}
