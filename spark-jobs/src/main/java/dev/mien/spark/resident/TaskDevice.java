package dev.mien.spark.resident;

import ai.djl.Device;
import dev.mien.spark.config.ComputeDevice;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.util.Utils;

/** The device that Spark's scheduling gave to a task: a GPU of its own, or its cores. */
public final class TaskDevice {

  private static final String GPU = "gpu";
  private static final String AMOUNT = "spark.task.resource.gpu.amount";

  /** Read by DJL when PyTorch starts in a process; OpenMP reads the other. */
  private static final String PYTORCH_THREADS = "ai.djl.pytorch.num_threads";

  private static final String OPENMP_THREADS = "OMP_NUM_THREADS";

  private TaskDevice() {}

  /**
   * Checks, before a job begins, that Spark will give its tasks the device. In Spark's local mode
   * tasks have no resources, and a task that asks for one would wait for ever.
   *
   * @param key the configuration key that asks for the device
   * @throws IllegalArgumentException when Spark will not give it, with what to do
   */
  public static void requireGiven(SparkConf conf, String key, ComputeDevice device) {
    if (device == ComputeDevice.CPU) {
      return;
    }
    if (Utils.isLocalMaster(conf)) {
      throw new IllegalArgumentException(
          ("Invalid %s: gpu (must be cpu with the master %s, whose tasks Spark gives no GPU: start a"
                  + " cluster on this machine, as deploy/gpu/README.md says)")
              .formatted(key, conf.get("spark.master")));
    }
    if (conf.getDouble(AMOUNT, 0) <= 0) {
      throw new IllegalArgumentException(
          "Invalid %s: gpu (must be cpu unless %s is set, as deploy/gpu/README.md says)"
              .formatted(key, AMOUNT));
    }
  }

  /**
   * The device of this task. PyTorch gets as many threads as the task has cores, whoever opened the
   * session and wherever the task runs, unless the user has set their number. To be called before
   * PyTorch starts in this process.
   *
   * @throws IllegalStateException when a GPU is wanted and the task was given none
   */
  public static Device of(ComputeDevice device) {
    boundThreads();
    return switch (device) {
      case CPU -> Device.cpu();
      case GPU -> Device.gpu(Integer.parseInt(gpu().addresses()[0]));
    };
  }

  private static void boundThreads() {
    TaskContext task = TaskContext.get();
    if (task != null && System.getenv(OPENMP_THREADS) == null) {
      System.getProperties().putIfAbsent(PYTORCH_THREADS, Integer.toString(task.cpus()));
    }
  }

  private static ResourceInformation gpu() {
    TaskContext task = TaskContext.get();
    if (!task.resources().contains(GPU)) {
      throw new IllegalStateException(
          "A GPU was asked for (training.device, or the embedder's device), and Spark gave the task"
              + " none (see deploy/gpu/README.md)");
    }
    return task.resources().apply(GPU);
  }
}
