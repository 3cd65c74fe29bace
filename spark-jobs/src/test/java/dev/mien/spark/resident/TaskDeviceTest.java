package dev.mien.spark.resident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import dev.mien.spark.MienProcess;
import dev.mien.spark.config.ComputeDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.testng.SkipException;
import org.testng.annotations.Test;

public class TaskDeviceTest {

  /** More than PyTorch would take by itself. */
  private static final int CORES = Runtime.getRuntime().availableProcessors() + 1;

  @Test
  public void inLocalModeToATaskHasAsManyThreadsAsCores() throws Exception {
    if (System.getenv("OMP_NUM_THREADS") != null) {
      throw new SkipException("needs an environment without OMP_NUM_THREADS");
    }

    Path log = Files.createTempFile("threads", ".log");
    MienProcess process = MienProcess.start(OneTask.class, log, Map.of(), Map.of(), List.of());
    assertThat(process.exit()).as(process.said()).isZero();
    assertThat(process.said().lines())
        .endsWith("as the user says: 1", "threads of a task: " + CORES);
  }

  @Test
  public void gpusAreRefusedWhereTasksAreGivenNone() {
    SparkConf local = new SparkConf(false).setMaster("local[*]");
    SparkConf cluster = new SparkConf(false).setMaster("yarn");

    TaskDevice.requireGiven(local, "device", ComputeDevice.CPU);
    assertThatThrownBy(() -> TaskDevice.requireGiven(local, "device", ComputeDevice.GPU))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid device: gpu (must be cpu with the master local[*], whose tasks Spark gives no"
                + " GPU: start a cluster on this machine, as deploy/gpu/README.md says)");
    assertThatThrownBy(() -> TaskDevice.requireGiven(cluster, "device", ComputeDevice.GPU))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid device: gpu (must be cpu unless spark.task.resource.gpu.amount is set, as"
                + " deploy/gpu/README.md says)");
    cluster.set("spark.task.resource.gpu.amount", "0.5");
    TaskDevice.requireGiven(cluster, "device", ComputeDevice.GPU);
  }

  /** A session that Mien did not open, as a notebook has it, and tasks in it. */
  static final class OneTask {

    private static final String THREADS = "ai.djl.pytorch.num_threads";

    public static void main(String... arguments) {
      SparkConf conf =
          new SparkConf()
              .setAppName("threads")
              .setMaster("local[" + CORES + "]")
              .set("spark.task.cpus", Integer.toString(CORES));
      try (JavaSparkContext context = new JavaSparkContext(conf)) {
        System.setProperty(THREADS, "1");
        String told = context.parallelize(List.of(0), 1).map(OneTask::told).first();
        System.out.println("as the user says: " + told);
        System.clearProperty(THREADS);
        int threads = context.parallelize(List.of(0), 1).map(OneTask::threads).first();
        System.out.println("threads of a task: " + threads);
      }
    }

    /** What PyTorch would be told if it started now. */
    private static String told(int task) {
      TaskDevice.of(ComputeDevice.CPU);
      return System.getProperty(THREADS);
    }

    private static int threads(int task) {
      TaskDevice.of(ComputeDevice.CPU);
      Engine.getEngine("PyTorch");
      return JniUtils.getNumThreads();
    }
  }
}
