package dev.mien.spark.resident;

import ai.djl.Device;
import dev.mien.spark.config.ComputeDevice;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** The device of a task, as Spark's resource scheduling gave it. */
public final class TaskDevice {

  private static final String GPU = "gpu";

  private TaskDevice() {}

  /**
   * The device for this task.
   *
   * @throws IllegalStateException when a GPU is wanted and the task was given none
   */
  public static Device of(ComputeDevice device) {
    return switch (device) {
      case CPU -> Device.cpu();
      case GPU -> Device.gpu(Integer.parseInt(gpu().addresses()[0]));
    };
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
