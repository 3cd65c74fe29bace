package dev.mien.spark.doctor;

import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.config.MienConfiguration;
import dev.mien.spark.resident.TaskDevice;
import dev.mien.spark.run.CodeVersion;
import dev.mien.spark.storage.LocalFolders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Examines the driver, every executor, and the folders to write to. */
public final class Examination {

  /** This process's findings: an executor is examined once, however many tasks it is given. */
  private static final Map<List<Object>, List<Finding>> SEEN = new HashMap<>();

  private static final Finding NO_TASK_TAKEN =
      new Finding("tasks", "none taken", "see in Spark's page what keeps it from taking any");

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final RegisteredExecutors registered;
  private final MienConfiguration configuration;

  public Examination(SparkSession spark, MienConfiguration configuration) {
    this.spark = spark;
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.registered = new RegisteredExecutors(spark.sparkContext());
    this.configuration = configuration;
  }

  /**
   * Examines the cluster.
   *
   * @param places folders that jobs are to write to, by their purpose
   */
  public Diagnosis of(SortedMap<String, String> places) {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    List<Finding> driver = new ArrayList<>(versions());
    driver.addAll(driverCheck().findings(List.of(Path.of(System.getProperty("java.io.tmpdir")))));
    if (configuration.training().device() == ComputeDevice.GPU) {
      driver.add(gpusOfTasks());
    }
    if (!context.isLocal()) {
      driver.add(registered.awaitThoseAskedFor());
    }
    if (ContainerCheck.concerns(context.getConf())) {
      driver.add(
          ContainerCheck.of(
              context.getConf(), registered.slots(), configuration.isolation().memoryLimit()));
    }
    ProbedFolders probed = ProbedFolders.of(hadoop, places.values());
    try {
      driver.addAll(storage(new StorageCheck(hadoop, ""), places));
      return new Diagnosis(driver, executors(places, hadoop, probed.leave(places.values())));
    } finally {
      probed.remove();
    }
  }

  private List<Finding> versions() {
    String found = "%s, Scala %s".formatted(spark.version(), scalaVersion());
    String built = CodeVersion.spark();
    boolean fits = minor(spark.version()).equals(minor(built));
    return List.of(
        Finding.well("Mien", CodeVersion.current()),
        fits
            ? Finding.well("Spark", found)
            : new Finding("Spark", found, "this build of Mien is for Spark " + minor(built)),
        Finding.well("Hadoop", VersionInfo.getVersion()),
        Finding.of(
            "Delta Lake", "use the mien.jar, which brings it", io.delta.package$.MODULE$::VERSION));
  }

  private static String scalaVersion() {
    return scala.util.Properties.versionNumberString();
  }

  private static String minor(String version) {
    return version.replaceAll("^(\\d+\\.\\d+).*", "$1");
  }

  private Finding gpusOfTasks() {
    return Finding.of(
        "GPUs of tasks",
        "see deploy/gpu/README.md, or set training.device = cpu",
        () -> {
          TaskDevice.requireGiven(context.getConf(), "training.device", ComputeDevice.GPU);
          return "asked for of Spark";
        });
  }

  /** The check of the driver. Without a cluster it runs the tasks, too, and has the networks. */
  private MachineCheck driverCheck() {
    return context.isLocal()
        ? MachineCheck.of(configuration, context.defaultParallelism())
        : MachineCheck.of(configuration, 0).on(ComputeDevice.CPU);
  }

  private SortedMap<String, List<Finding>> executors(
      SortedMap<String, String> places, Configuration configured, String left) {
    if (context.isLocal()) {
      return new TreeMap<>();
    }
    Broadcast<MachineCheck> check =
        context.broadcast(MachineCheck.of(configuration, registered.slots()));
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(configured));
    context.setJobDescription("Examine the executors");
    SortedMap<String, List<Finding>> found = new TreeMap<>();
    Set<String> missed;
    int before;
    do {
      before = found.size();
      int tasks = 2 * context.defaultParallelism();
      Optional<List<Tuple2<String, List<Finding>>>> examined =
          registered.await(
              context
                  .parallelize(IntStream.range(0, tasks).boxed().toList(), tasks)
                  .mapToPair(
                      task ->
                          examine(
                              check.value(),
                              new StorageCheck(hadoop.value().value(), left),
                              places))
                  .collectAsync());
      if (examined.isEmpty()) {
        found.put("the cluster", List.of(registered.noneCame()));
        return found;
      }
      examined.get().forEach(executor -> found.putIfAbsent(executor._1(), executor._2()));
      missed = registered.names();
      missed.removeAll(found.keySet());
    } while (!missed.isEmpty() && found.size() > before);
    missed.forEach(name -> found.put(name, List.of(NO_TASK_TAKEN)));
    return found;
  }

  private static Tuple2<String, List<Finding>> examine(
      MachineCheck check, StorageCheck storage, SortedMap<String, String> places) {
    SparkEnv process = SparkEnv.get();
    String name =
        RegisteredExecutors.name(
            process.executorId(), process.blockManager().blockManagerId().host());
    synchronized (SEEN) {
      return new Tuple2<>(
          name,
          SEEN.computeIfAbsent(
              List.of(check, places),
              key -> {
                List<Finding> findings = new ArrayList<>(check.findings(LocalFolders.of(process)));
                findings.addAll(storage(storage, places));
                return findings;
              }));
    }
  }

  private static List<Finding> storage(StorageCheck check, SortedMap<String, String> places) {
    List<Finding> findings = new ArrayList<>();
    places.forEach((subject, uri) -> findings.add(check.of(subject, uri)));
    return findings;
  }
}
