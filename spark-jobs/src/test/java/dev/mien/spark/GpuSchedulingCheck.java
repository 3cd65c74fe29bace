package dev.mien.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.resident.TaskDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.testng.annotations.Test;

/**
 * One GPU to an executor, by Spark's own scheduling: a worker that says that it has two starts two
 * executors, whose tasks compute on one each. No GPU is touched. A command of its own: {@code mvn
 * -Pchecks verify -Dit.test=GpuSchedulingCheck}.
 */
public class GpuSchedulingCheck {

  @Test
  public void eachExecutorsTasksHaveItsGpu() throws Exception {
    Path folder = Files.createTempDirectory("gpus");
    Path discovery = folder.resolve("discover");
    Files.writeString(
        discovery, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"5\", \"7\"]}'\n");
    Files.setPosixFilePermissions(discovery, PosixFilePermissions.fromString("rwxr-xr-x"));
    String jar = System.getProperty("mien.jar");
    String classes = Path.of("target/test-classes").toAbsolutePath() + ":" + jar;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("mien.spark.home"), "bin/spark-submit").toString());
    command.addAll(List.of("--master", "local-cluster[1,2,2048]", "--driver-class-path", classes));
    for (String setting :
        List.of(
            "spark.driver.host=127.0.0.1",
            "spark.driver.bindAddress=127.0.0.1",
            "spark.executor.cores=1",
            "spark.executor.extraClassPath=" + classes,
            "spark.scheduler.minRegisteredResourcesRatio=1",
            "spark.worker.resource.gpu.amount=2",
            "spark.worker.resource.gpu.discoveryScript=" + discovery,
            "spark.executor.resource.gpu.amount=1",
            "spark.task.resource.gpu.amount=1")) {
      command.addAll(List.of("--conf", setting));
    }
    command.addAll(List.of("--class", Devices.class.getName(), jar));
    ProcessBuilder submit = new ProcessBuilder(command).directory(folder.toFile());
    submit.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    TestCluster.Ended ended = TestCluster.end(submit.redirectErrorStream(true).start());

    assertThat(ended.exit()).as(ended.said()).isZero();
    List<String> devices =
        ended.said().lines().filter(line -> line.startsWith("executor ")).toList();
    assertThat(devices).as(ended.said()).hasSize(2);
    assertThat(devices.stream().map(line -> line.substring(line.indexOf(" computes"))))
        .containsExactlyInAnyOrder(" computes on gpu(5)", " computes on gpu(7)");
  }

  /** Says which device the tasks of each executor have. */
  public static final class Devices {

    public static void main(String... arguments) {
      try (JavaSparkContext context = new JavaSparkContext(new SparkConf().setAppName("devices"))) {
        context
            .parallelize(Collections.nCopies(20, 0), 20)
            .map(
                task ->
                    "executor %s computes on %s"
                        .formatted(SparkEnv.get().executorId(), TaskDevice.of(ComputeDevice.GPU)))
            .distinct()
            .collect()
            .forEach(System.out::println);
      }
    }
  }
}
