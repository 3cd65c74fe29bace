package dev.mien.spark;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.session.SparkSessions;
import org.apache.spark.sql.SparkSession;

/** A session of Mien's in the test's own process, for what does not need a cluster. */
public final class LocalSpark {

  private LocalSpark() {}

  /** The caller stops it. */
  public static SparkSession open(MienConfiguration configuration) {
    System.setProperty("spark.master", "local[2]");
    System.setProperty("spark.ui.enabled", "false");
    System.setProperty("spark.sql.shuffle.partitions", "1");
    System.setProperty("spark.databricks.delta.snapshotPartitions", "1");
    System.setProperty("spark.sql.codegen.wholeStage", "false");
    System.setProperty("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    System.setProperty("spark.driver.host", "127.0.0.1");
    System.setProperty("spark.driver.bindAddress", "127.0.0.1");
    System.setProperty("spark.sql.warehouse.dir", "target/warehouse");
    return SparkSessions.open("test", configuration);
  }
}
