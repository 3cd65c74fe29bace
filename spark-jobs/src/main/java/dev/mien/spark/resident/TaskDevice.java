package dev.mien.spark.resident;

import ai.djl.Device;
import dev.mien.spark.config.ComputeDevice;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** The device of a task, as Spark's scheduling gave it: a GPU of its own, or its cores. */
public final class TaskDevice {

  private static final String GPU = "gpu";

  /** DJL looks at it when PyTorch starts in a process, and OpenMP at the other. */
  private static final String PYTORCH_THREADS = "ai.djl.pytorch.num_threads";

  private static final String OPENMP_THREADS = "OMP_NUM_THREADS";

  private TaskDevice() {}

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
              + " none (set spark.executor.resource.gpu.amount and spark.task.resource.gpu.amount)");
    }
    return task.resources().apply(GPU);
  }
}
