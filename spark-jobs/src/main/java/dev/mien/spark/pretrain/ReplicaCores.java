package dev.mien.spark.pretrain;

import dev.mien.spark.config.ComputeDevice;
import dev.mien.spark.config.TrainingOptions;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.collection.JavaConverters;

/**
 * The cores that executors have and those that replicas use: PyTorch has as many threads as a task
 * has cores.
 *
 * @param executors cores of each executor
 * @param replicas that run at a time, where there is room for all
 * @param ofTask cores of a replica's task
 */
record ReplicaCores(List<Integer> executors, int replicas, int ofTask) {

  private static final String OF_TASK = "spark.task.cpus";

  /** The cores of the executors that there are now; none when training on GPUs. */
  static ReplicaCores of(SparkContext context, TrainingOptions training) {
    List<Integer> executors =
        JavaConverters.seqAsJavaListConverter(context.statusStore().executorList(true))
            .asJava()
            .stream()
            .map(ExecutorSummary::totalCores)
            .toList();
    return new ReplicaCores(
        training.device() == ComputeDevice.CPU ? executors : List.of(),
        training.replicas(),
        context.conf().getInt(OF_TASK, 1));
  }

  /** The warning to print when cores are idle that the replicas could share evenly. */
  Optional<String> idle() {
    int cores = executors.stream().mapToInt(Integer::intValue).sum();
    int possible = ofTask;
    while (tasks(possible + 1) >= replicas) {
      possible++;
    }
    return possible == ofTask
        ? Optional.empty()
        : Optional.of(
            ("Of the executors' %d cores training uses %d: training.replicas = %d, each by"
                    + " the %s = %d of its task (set %s to %d)")
                .formatted(cores, replicas * ofTask, replicas, OF_TASK, ofTask, OF_TASK, possible));
  }

  /** How many tasks of so many cores run at a time; a task's cores belong to one executor. */
  private int tasks(int cores) {
    return executors.stream().mapToInt(executor -> executor / cores).sum();
  }
}
