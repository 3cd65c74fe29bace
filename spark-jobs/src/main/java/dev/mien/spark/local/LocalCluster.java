package dev.mien.spark.local;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A standalone master and its workers, each a process, bound to 127.0.0.1 and sharing a secret made
 * for them. Closing it ends them and their executors; their logs stay.
 */
public final class LocalCluster implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);

  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  private final Path sparkHome;
  private final Path folder;
  private final String master;
  private final int webPort;
  private final List<Process> processes = new ArrayList<>();

  private LocalCluster(Path sparkHome, Path folder, int port, int webPort) {
    this.sparkHome = sparkHome;
    this.folder = folder;
    this.master = "spark://" + LOOPBACK + ":" + port;
    this.webPort = webPort;
  }

  /**
   * The resources of a worker.
   *
   * @param memory as Spark writes it, {@code 3g}
   */
  public record Worker(int cores, String memory) {}

  /**
   * Starts the processes and waits until every worker has registered.
   *
   * @param folder for settings, logs and the workers' own folders
   * @param logSettings a log4j2 properties file
   * @throws IOException when they cannot be started, naming the folder of their logs
   */
  public static LocalCluster start(
      Path sparkHome, Path folder, Path logSettings, List<Worker> workers) throws IOException {
    LocalCluster cluster = new LocalCluster(sparkHome, folder, FreePort.find(), FreePort.find());
    try {
      cluster.configure(logSettings);
      cluster.startMaster();
      for (int i = 0; i < workers.size(); i++) {
        cluster.startWorker(i, workers.get(i));
      }
      cluster.awaitWorkers(workers.size());
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** URL of the master, {@code spark://127.0.0.1:<port>}. */
  public String master() {
    return master;
  }

  /** A {@code spark-submit} process with these arguments, for this cluster, not yet started. */
  public ProcessBuilder submit(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(sparkHome.resolve("bin/spark-submit").toString());
    command.addAll(arguments);
    return withEnvironment(new ProcessBuilder(command));
  }

  /** The workers' processes, in order; each is the parent of its executors. */
  public List<ProcessHandle> workers() {
    return processes.stream().skip(1).map(Process::toHandle).toList();
  }

  @Override
  public void close() {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
    for (Process process : processes) {
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    deleteJars();
  }

  /** Deletes the copies of the jar, hundreds of megabytes, that each executor had. */
  private void deleteJars() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
        Files.delete(jar);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("Cannot delete the executors' jars in {}", folder, e);
    }
  }

  private void configure(Path logSettings) throws IOException {
    Path conf = Files.createDirectories(folder.resolve("conf"));
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    List<String> settings =
        List.of(
            "spark.master " + master,
            "spark.driver.host " + LOOPBACK,
            "spark.driver.bindAddress " + LOOPBACK,
            "spark.authenticate true",
            "spark.authenticate.secret " + HexFormat.of().formatHex(secret));

    Path defaults = conf.resolve("spark-defaults.conf");
    Files.deleteIfExists(defaults);
    Files.createFile(
        defaults,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(defaults, settings);
    Files.writeString(conf.resolve("log4j2.properties"), Files.readString(logSettings));
  }

  private void startMaster() throws IOException {
    String port = master.substring(master.lastIndexOf(':') + 1);
    start(
        "master",
        List.of(
            "org.apache.spark.deploy.master.Master",
            "--host",
            LOOPBACK,
            "--port",
            port,
            "--webui-port",
            Integer.toString(webPort)));
  }

  private void startWorker(int number, Worker worker) throws IOException {
    start(
        "worker-" + number,
        List.of(
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            LOOPBACK,
            "--webui-port",
            "0",
            "--cores",
            Integer.toString(worker.cores()),
            "--memory",
            worker.memory(),
            "--work-dir",
            folder.resolve("worker-" + number).toString(),
            master));
  }

  private void start(String name, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(sparkHome.resolve("bin/spark-class").toString());
    command.addAll(arguments);
    processes.add(
        withEnvironment(new ProcessBuilder(command))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start());
  }

  private ProcessBuilder withEnvironment(ProcessBuilder builder) {
    builder.environment().put("SPARK_HOME", sparkHome.toString());
    builder.environment().put("SPARK_CONF_DIR", folder.resolve("conf").toString());
    builder.environment().put("SPARK_LOCAL_IP", LOOPBACK);
    // If its port is taken, a master would choose the next one, where nobody looks for it.
    builder
        .environment()
        .merge("SPARK_MASTER_OPTS", "-Dspark.port.maxRetries=0", (one, other) -> one + " " + other);
    return builder;
  }

  /** Waits until the master's web page shows so many workers. */
  private void awaitWorkers(int expected) throws IOException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + LOOPBACK + ":" + webPort + "/json/"))
            .timeout(Duration.ofSeconds(5))
            .build();
    Instant limit = Instant.now().plus(START_LIMIT);

    try {
      while (aliveWorkers(client, request) < expected) {
        boolean ended = processes.stream().anyMatch(process -> !process.isAlive());
        if (ended || Instant.now().isAfter(limit)) {
          throw new IOException(
              "Cannot start a local Spark cluster: see the logs in " + folder.toAbsolutePath());
        }
        TimeUnit.MILLISECONDS.sleep(200);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while the local Spark cluster started", e);
    }
  }

  private static int aliveWorkers(HttpClient client, HttpRequest request)
      throws InterruptedException {
    try {
      HttpResponse<String> page = client.send(request, BodyHandlers.ofString());
      if (!page.headers().firstValue("Content-Type").orElse("").startsWith("text/json")) {
        return 0; // while it starts, a master answers with another page
      }
      return JsonParser.parseString(page.body()).getAsJsonObject().get("aliveworkers").getAsInt();
    } catch (IOException e) {
      return 0; // it is not up yet
    }
  }
}
