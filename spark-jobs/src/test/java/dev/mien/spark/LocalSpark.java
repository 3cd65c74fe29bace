package dev.mien.spark;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.session.SparkSessions;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A session of Mien's in the test's own process, for what does not need a cluster. */
public final class LocalSpark {

  /** For tables of a few rows, whose queries run once: Spark's defaults are for large ones. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "spark.sql.adaptive.enabled",
          "false",
          "spark.ui.enabled",
          "false",
          "spark.driver.host",
          "127.0.0.1",
          "spark.driver.bindAddress",
          "127.0.0.1",
          "spark.sql.shuffle.partitions",
          "1",
          "spark.databricks.delta.snapshotPartitions",
          "1",
          "spark.sql.codegen.wholeStage",
          "false",
          "spark.sql.codegen.factoryMode",
          "NO_CODEGEN");

  private LocalSpark() {}

  /** The caller stops it. */
  public static SparkSession open(MienConfiguration configuration) {
    SETTINGS.forEach(System::setProperty);
    System.setProperty("spark.master", "local[2]");
    System.setProperty("spark.sql.warehouse.dir", "target/warehouse");
    return SparkSessions.open("test", configuration);
  }
}
