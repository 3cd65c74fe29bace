package dev.mien.spark;

import dev.mien.spark.deploy.PresetsTest;
import dev.mien.spark.local.LocalCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** Mien's command line on a master and workers that are processes of their own. */
final class TestCluster implements AutoCloseable {

  /** Spark's and Delta's defaults of 200 and 50 tasks are for tables larger than a test's. */
  private static final List<String> SMALL_TABLES =
      List.of(
          "--conf",
          "spark.sql.shuffle.partitions=2",
          "--conf",
          "spark.databricks.delta.snapshotPartitions=1");

  /**
   * What jobs of a minute are quickest with: hardly any query that they run is run again, so that
   * they are not compiled.
   */
  static final List<String> BRIEF =
      List.of(
          "--driver-java-options",
          BriefJava.OPTIONS,
          "--conf",
          "spark.executor.extraJavaOptions=" + BriefJava.OPTIONS,
          "--conf",
          "spark.sql.codegen.wholeStage=false",
          "--conf",
          "spark.sql.codegen.factoryMode=NO_CODEGEN");

  /** Spark's own way with queries, after {@link #BRIEF}: they are compiled. */
  static final List<String> COMPILED =
      List.of(
          "--conf",
          "spark.sql.codegen.wholeStage=true",
          "--conf",
          "spark.sql.codegen.factoryMode=FALLBACK");

  /** What the presets of clusters set. */
  static final List<String> LASTING =
      List.of(
          "--driver-java-options",
          "-XX:+UseTransparentHugePages -XX:InitiatingHeapOccupancyPercent=80",
          "--conf",
          "spark.executor.extraJavaOptions="
              + "-XX:+UseTransparentHugePages -XX:InitiatingHeapOccupancyPercent=80");

  private static final List<String> SIZES =
      List.of(
          "spark.driver.memory",
          "spark.executor.cores",
          "spark.executor.memory",
          "spark.executor.memoryOverhead");

  private static final String FALLBACK = "spark.network.crypto.saslFallback";

  private final LocalCluster cluster;
  private final List<String> options;

  private TestCluster(LocalCluster cluster, List<String> options) {
    this.cluster = cluster;
    this.options = options;
  }

  /** Workers of one core each, for jobs of a few seconds. */
  static TestCluster start(Path folder, int workers, String memory) throws IOException {
    return start(folder, workers, memory, BRIEF);
  }

  /** Workers of one core each, whose JVMs are as the presets', for what is measured. */
  static TestCluster startMeasured(Path folder, int workers, String memory) throws IOException {
    return start(folder, workers, memory, LASTING);
  }

  private static TestCluster start(Path folder, int workers, String memory, List<String> options)
      throws IOException {
    return new TestCluster(
        LocalCluster.start(
            Path.of(System.getProperty("mien.spark.home")),
            Files.createDirectories(folder),
            Path.of("../conf/spark/log4j2.properties"),
            Stream.generate(() -> new LocalCluster.Worker(1, memory)).limit(workers).toList()),
        options);
  }

  /**
   * The settings of a shared cluster, as options of {@code spark-submit}, but for those of a larger
   * machine.
   *
   * @param history folder of Spark's event logs
   */
  static List<String> shared(Path history) throws IOException {
    Properties properties = PresetsTest.read(Path.of("../conf/spark/cluster.properties"));
    SIZES.forEach(properties::remove);
    properties.remove(FALLBACK); // this cluster's master does not encrypt
    properties.setProperty("spark.eventLog.dir", history.toUri().toString());
    List<String> options = new ArrayList<>();
    properties.forEach((key, value) -> options.addAll(List.of("--conf", key + "=" + value)));
    return options;
  }

  /** A job that has ended. */
  record Ended(int exit, String said) {}

  /** Runs a job to its end. */
  Ended run(List<String> submitOptions, List<String> job) throws IOException, InterruptedException {
    return end(start(submitOptions, job));
  }

  /** Runs another main class to its end, with the application jar on the class path. */
  Ended runClass(String main, List<String> submitOptions, List<String> arguments)
      throws IOException, InterruptedException {
    return end(start(main, submitOptions, arguments));
  }

  /** Starts a job; its standard output and error are one stream. */
  Process start(List<String> submitOptions, List<String> job) throws IOException {
    return start("dev.mien.spark.cli.Mien", submitOptions, job);
  }

  private Process start(String main, List<String> submitOptions, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("--driver-memory", "700m"));
    command.addAll(SMALL_TABLES);
    command.addAll(options);
    command.addAll(submitOptions);
    command.addAll(List.of("--class", main, System.getProperty("mien.jar")));
    command.addAll(arguments);
    return cluster.submit(command).redirectErrorStream(true).start();
  }

  /** What a started job says until its end. */
  static Ended end(Process job) throws IOException, InterruptedException {
    String said = new String(job.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(job.waitFor(), said);
  }

  /** The executors that run now. */
  List<ProcessHandle> executors() {
    return cluster.workers().stream()
        .flatMap(ProcessHandle::descendants)
        .filter(
            process ->
                process.info().arguments().stream()
                    .flatMap(Stream::of)
                    .anyMatch(argument -> argument.endsWith("CoarseGrainedExecutorBackend")))
        .toList();
  }

  @Override
  public void close() {
    cluster.close();
  }
}
