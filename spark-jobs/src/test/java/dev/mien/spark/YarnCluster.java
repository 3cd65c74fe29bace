package dev.mien.spark;

import dev.mien.spark.TestCluster.Ended;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/** YARN and HDFS to train on, whose servers are in this process and containers not. */
final class YarnCluster implements AutoCloseable {

  private final Path settings;
  private final MiniDFSCluster hdfs;
  private final MiniYARNCluster yarn;

  private YarnCluster(Path settings, MiniDFSCluster hdfs, MiniYARNCluster yarn) {
    this.settings = settings;
    this.hdfs = hdfs;
    this.yarn = yarn;
  }

  /** One node for each of HDFS and YARN. */
  static YarnCluster start(Path folder) throws IOException {
    Configuration configuration = new YarnConfiguration();
    MiniDFSCluster hdfs =
        new MiniDFSCluster.Builder(configuration, folder.resolve("hdfs").toFile())
            .numDataNodes(1)
            .build();
    hdfs.waitActive();

    YarnConfiguration wanted = new YarnConfiguration(hdfs.getConfiguration(0));
    wanted.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 128);
    wanted.setInt(YarnConfiguration.NM_PMEM_MB, 8192);
    // Address space is not memory; and a test machine's disk may be nearly full.
    wanted.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    wanted.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 100);
    // The mini HDFS has one of the tests' own, which spark-submit does not know.
    wanted.set("net.topology.node.switch.mapping.impl", "org.apache.hadoop.net.ScriptBasedMapping");
    wanted.set("yarn.scheduler.capacity.root.queues", "default");
    wanted.set("yarn.scheduler.capacity.root.default.capacity", "100");
    MiniYARNCluster yarn = new MiniYARNCluster("yarn-of-rounds", 1, 1, 1);
    yarn.init(wanted);
    yarn.start();

    Path settings = Files.createDirectories(folder.resolve("settings"));
    for (String site : List.of("core-site.xml", "yarn-site.xml")) {
      try (OutputStream out = Files.newOutputStream(settings.resolve(site))) {
        yarn.getConfig().writeXml(out);
      }
    }
    Files.copy(Path.of("../conf/spark/log4j2.properties"), settings.resolve("log4j2.properties"));
    return new YarnCluster(settings, hdfs, yarn);
  }

  Configuration hadoop() {
    return yarn.getConfig();
  }

  /** A URI on HDFS. */
  String uri(String path) throws IOException {
    return hdfs.getFileSystem().getUri() + path;
  }

  /**
   * Runs a script of {@code deploy/yarn} on two executors of one core to its end. Where it fails,
   * what the containers logged is part of what it said.
   *
   * @param options of the job, as a user would give them
   */
  Ended run(String script, List<String> options) throws IOException, InterruptedException {
    hdfs.getFileSystem().mkdirs(new org.apache.hadoop.fs.Path("/spark-history"));
    Path spark = Path.of(System.getProperty("mien.spark.home")).toRealPath();
    String java = System.getProperty("java.home");
    List<String> command = new ArrayList<>();
    command.add(Path.of("../deploy/yarn", script).toRealPath().toString());
    command.addAll(options);
    command.addAll(List.of("--num-executors", "2", "--executor-cores", "1"));
    command.addAll(List.of("--driver-memory", "700m", "--executor-memory", "700m"));
    for (String setting :
        List.of(
            "spark.executor.memoryOverhead=512m",
            "spark.task.cpus=1",
            "spark.yarn.jars=local:" + spark.resolve("jars") + "/*",
            "spark.yarn.appMasterEnv.JAVA_HOME=" + java,
            "spark.yarn.appMasterEnv.SPARK_LOCAL_IP=127.0.0.1",
            "spark.executorEnv.JAVA_HOME=" + java,
            "spark.executorEnv.SPARK_LOCAL_IP=127.0.0.1",
            // Its pages under YARN need a filter of Hadoop's that the client jars are without.
            "spark.ui.enabled=false")) {
      command.addAll(List.of("--conf", setting));
    }
    command.addAll(TestCluster.BRIEF);

    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HADOOP_CONF_DIR", settings.toString());
    builder.environment().put("SPARK_CONF_DIR", settings.toString());
    builder.environment().put("SPARK_HOME", spark.toString());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Ended ended = TestCluster.end(builder.start());
    return ended.exit() == 0 ? ended : new Ended(ended.exit(), ended.said() + logged());
  }

  private String logged() throws IOException {
    StringBuilder logged = new StringBuilder();
    try (Stream<Path> files = Files.walk(yarn.getTestWorkDir().toPath())) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        if (Set.of("stdout", "stderr").contains(file.getFileName().toString())) {
          logged.append("\n\n").append(file).append('\n').append(Files.readString(file));
        }
      }
    }
    return logged.toString();
  }

  @Override
  public void close() throws IOException {
    yarn.stop();
    hdfs.shutdown(true);
  }
}
