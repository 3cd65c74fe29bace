package dev.mien.spark.resident;

import ai.djl.Device;
import dev.mien.spark.config.ComputeDevice;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.util.Utils;

/** The device of a task, as Spark's scheduling gave it: a GPU of its own, or its cores. */
public final class TaskDevice {

  private static final String GPU = "gpu";
  private static final String AMOUNT = "spark.task.resource.gpu.amount";

  /** DJL looks at it when PyTorch starts in a process, and OpenMP at the other. */
  private static final String PYTORCH_THREADS = "ai.djl.pytorch.num_threads";

  private static final String OPENMP_THREADS = "OMP_NUM_THREADS";

  private TaskDevice() {}

  /**
   * Checks that Spark will give its tasks the device, before a job begins: tasks of Spark's local
   * mode have no resources, and those that ask for one there wait for ever.
   *
   * @param key what asks for the device, as its user knows it
   * @throws IllegalArgumentException when Spark will not, with what to do
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
   * The device for this task, whose PyTorch has as many threads as the task has cores, whoever
   * opened the session and wherever it runs, unless the user has said how many. To be called before
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
