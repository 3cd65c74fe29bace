package dev.mien.spark.cli;

import dev.mien.spark.local.LocalCluster;
import dev.mien.spark.local.LocalCluster.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "quickstart",
    description =
        "Starts a Spark master and two workers on this machine, and runs preprocess, pretrain, embed"
            + " and inspect over the sample videos.",
    mixinStandardHelpOptions = true)
final class QuickstartCommand implements Callable<Integer> {

  private static final List<Worker> WORKERS = List.of(new Worker(1, "3g"), new Worker(1, "3g"));

  /** Settings for short jobs on small tables; Spark's defaults suit drivers that run for hours. */
  private static final List<String> BRIEF =
      List.of(
          "--driver-java-options",
          "-XX:TieredStopAtLevel=1",
          "--conf",
          "spark.sql.shuffle.partitions=2");

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      description = "Where everything goes (default: ${DEFAULT-VALUE}).",
      defaultValue = "mien-quickstart")
  private Path output;

  // Given by the launcher.
  @Option(names = "--home", hidden = true, required = true)
  private Path home;

  @Option(names = "--spark-home", hidden = true, required = true)
  private Path sparkHome;

  @Option(names = "--jar", hidden = true, required = true)
  private Path jar;

  private volatile Optional<Process> running = Optional.empty();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createDirectories(output.toAbsolutePath().normalize());
    String dataset = uri(folder.resolve("dataset"));
    String run = uri(folder.resolve("run"));
    String embeddings = uri(folder.resolve("embeddings"));
    String report = folder.resolve("report.html").toString();

    System.out.println("Starting a Spark master and two workers on 127.0.0.1");
    Path clusterFolder = Files.createDirectories(folder.resolve("cluster"));
    Path logSettings = home.resolve("conf/spark/log4j2.properties");
    try (LocalCluster cluster =
        LocalCluster.start(sparkHome, clusterFolder, logSettings, WORKERS)) {
      Thread end = new Thread(() -> end(cluster::close));
      Runtime.getRuntime().addShutdownHook(end);

      List<List<String>> jobs =
          List.of(
              List.of("preprocess", "--input", uri(home.resolve("samples")), "--dataset", dataset),
              List.of(
                  "pretrain", "--dataset", dataset, "--run", run, "--preset", "tiny", "--resume"),
              List.of("embed", "--dataset", dataset, "--model", run, "--output", embeddings),
              List.of(
                  "inspect",
                  "--dataset",
                  dataset,
                  "--run",
                  run,
                  "--embeddings",
                  embeddings,
                  "--output",
                  report));
      for (List<String> job : jobs) {
        System.out.println("\nmien " + String.join(" ", job));
        int exit = submit(cluster, job);
        if (exit != 0) {
          System.err.println("mien " + job.get(0) + " failed; logs are in " + clusterFolder);
          return exit;
        }
      }
      Runtime.getRuntime().removeShutdownHook(end);
    }

    System.out.println("\nOpen this in a browser: " + folder.resolve("report.html").toUri());
    return 0;
  }

  /** Ends the drivers first: one whose cluster is gone would wait for it to come back. */
  private void end(Runnable cluster) {
    running.ifPresent(Process::destroy);
    cluster.run();
  }

  /** The path as a URI for Hadoop, which does not decode percent signs. */
  private static String uri(Path path) {
    return "file:" + path;
  }

  private int submit(LocalCluster cluster, List<String> job)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--driver-memory", "2g", "--executor-memory", "2g"));
    arguments.addAll(BRIEF);
    arguments.addAll(List.of("--class", Mien.class.getName(), jar.toString()));
    arguments.addAll(job);
    Process submitted = cluster.submit(arguments).inheritIO().start();
    running = Optional.of(submitted);
    return submitted.waitFor();
  }
}
