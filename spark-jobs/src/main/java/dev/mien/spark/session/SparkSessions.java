package dev.mien.spark.session;

import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.storage.ClaimedLogStore;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Opens the session of a job, with the settings that Mien needs; the user's take precedence. */
public final class SparkSessions {

  private static final String PROMETHEUS = "spark.metrics.conf.*.sink.prometheusServlet.";

  private SparkSessions() {}

  /** Opens a session, which the caller stops. */
  public static SparkSession open(String job, MienConfiguration configuration) {
    return open(new SparkConf(), job, configuration);
  }

  /** Opens a session for training in rounds, which the caller stops. */
  public static SparkSession openForRounds(String job, MienConfiguration configuration) {
    SparkConf conf = new SparkConf();
    // What a replica has to send goes with its executor: its output must be lost with it, and not
    // outlive it in a shuffle service, or move to another executor that leaves the bytes behind.
    conf.set("spark.shuffle.service.enabled", "false");
    conf.set("spark.dynamicAllocation.shuffleTracking.enabled", "true");
    conf.set("spark.storage.decommission.shuffleBlocks.enabled", "false");
    // A replica prefers the executor that has read ahead for it, but is better anywhere than late.
    conf.setIfMissing("spark.locality.wait", "0s");
    // Spark would send all means to a host with a fifth of the contributions: what it counts as
    // bytes are names, and the bytes come from everywhere.
    conf.set("spark.shuffle.reduceLocality.enabled", "false");
    // In a run of weeks, machines may be taken away every day.
    conf.setIfMissing("spark.executor.failuresValidityInterval", "1h");
    // A replica may fail as often as spark.task.maxFailures says, however few the executors are:
    // by Spark's defaults two failures would exclude two executors from it, and end the run.
    String failures = Integer.toString(Math.max(1, conf.getInt("spark.task.maxFailures", 4) - 1));
    conf.setIfMissing("spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor", failures);
    conf.setIfMissing("spark.excludeOnFailure.task.maxTaskAttemptsPerNode", failures);
    // A moment in which storage does not answer fails two tasks on every executor, which by Spark's
    // defaults would exclude all of them for an hour. One that goes on failing is still left out.
    conf.setIfMissing("spark.excludeOnFailure.stage.maxFailedTasksPerExecutor", "1000000");
    conf.setIfMissing("spark.excludeOnFailure.application.maxFailedTasksPerExecutor", "16");
    // With hundreds of executors the next may be lost while one's replicas are trained again.
    conf.setIfMissing("spark.stage.maxConsecutiveAttempts", "16");
    return open(conf, job, configuration);
  }

  /**
   * Opens a session without an event log, which would name the person who is erased. The caller
   * stops it.
   */
  public static SparkSession openUnlogged(String job, MienConfiguration configuration) {
    return open(new SparkConf().set("spark.eventLog.enabled", "false"), job, configuration);
  }

  private static SparkSession open(SparkConf conf, String job, MienConfiguration configuration) {
    messages(conf);
    FileModes.keepFromOthers(conf);
    conf.setIfMissing("spark.app.name", "mien " + job);
    add(conf, "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension");
    conf.set("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
    conf.set(
        "spark.hadoop.parquet.block.size", Long.toString(configuration.dataset().rowGroupSize()));
    // Parquet first checks a row group's size after 100 rows, which are 100 MiB of clips.
    conf.set("spark.hadoop.parquet.page.size.row.check.min", "1");
    conf.setIfMissing("spark.sql.parquet.compression.codec", "zstd");
    // Where the driver's process is the executor, a machine that slept has lost none.
    if (conf.get("spark.master", "").matches("local(\\[.*)?")) {
      conf.setIfMissing("spark.network.timeout", "7d");
    }
    // Delta reads a table's log in 50 tasks, at every commit; Mien's tables are thousands of files,
    // which one task reads in no time.
    conf.setIfMissing("spark.databricks.delta.snapshotPartitions", "2");
    if (!conf.contains(
        "spark.delta.logStore.class")) { // with which Delta refuses stores set by scheme
      for (String scheme : List.of("s3a", "s3")) {
        conf.setIfMissing(
            "spark.delta.logStore." + scheme + ".impl", ClaimedLogStore.class.getName());
      }
    }
    // A task's PyTorch has the cores that the task was given; threads that wait for each other must
    // not burn the core of another.
    conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", conf.get("spark.task.cpus", "1"));
    conf.setIfMissing("spark.executorEnv.OMP_WAIT_POLICY", "PASSIVE");
    // The driver's page shows its metrics, the run's among them, in Prometheus' format.
    conf.setIfMissing(PROMETHEUS + "class", "org.apache.spark.metrics.sink.PrometheusServlet");
    conf.setIfMissing(PROMETHEUS + "path", "/metrics/prometheus");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // Spark makes this folder for tables without a path, of which Mien has none, where it is
    // started, or on the cluster's file system.
    conf.setIfMissing(
        "spark.sql.warehouse.dir",
        Path.of(System.getProperty("java.io.tmpdir"), "mien-warehouse").toUri().toString());
    conf.setIfMissing("spark.sql.debug.maxToStringFields", "100");
    SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
    FileModes.apply(spark.sparkContext().hadoopConfiguration());
    return spark;
  }

  /**
   * Appends a class to a setting that is a list of classes, to which the user may have added
   * others.
   */
  private static void add(SparkConf conf, String list, String name) {
    String users = conf.get(list, "");
    if (!List.of(users.split(",")).contains(name)) {
      conf.set(list, users.isEmpty() ? name : users + "," + name);
    }
  }

  /** Sets how Mien's own types are sent between processes. */
  public static void messages(SparkConf conf) {
    conf.set("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    add(conf, "spark.kryo.registrator", MienRegistrator.class.getName());
    conf.setIfMissing("spark.kryoserializer.buffer.max", "256m");
    // Java copies the whole of what it is given to write, again for each part that the network
    // takes.
    conf.setIfMissing("spark.buffer.write.chunkSize", "256k");
  }
}
