package dev.mien.spark.exchange;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.BlockManagerId;

/** What is said of what moves towards the average, and from it. */
public sealed interface Contribution {

  /**
   * A piece of where a replica arrived.
   *
   * @param block that holds the values, little-endian, or their differences from where the round
   *     started, see {@link DeltaEncoder}
   * @param examples that the replica trained on, its weight in the average
   */
  record Chunk(StateBlock block, Encoding encoding, long examples, Attempt attempt)
      implements Contribution {}

  /** What a replica has to say of its work, of any type that Kryo knows. */
  record Receipt(Object value) implements Contribution {}

  /** Why a replica has nothing to contribute, and would have nothing if it tried again. */
  record Failure(int replica, String reason) implements Contribution {}

  /**
   * A piece of the average.
   *
   * @param block that holds it
   * @param spread weighted mean of the replicas' squared distances from it, over parameters
   * @param update its squared distance from where the round started, over parameters
   * @param attempts that the summed values came from, by their ids, in replica order
   */
  record Mean(StateBlock block, double spread, double update, List<Long> attempts)
      implements Contribution {}

  /**
   * An attempt at a task, as Spark names it when it is to be made again.
   *
   * @param output where its output is registered
   * @param keeper whose bytes it is that its output names
   */
  record Attempt(int partition, long id, BlockManagerId output, BlockManagerId keeper)
      implements Serializable {

    static Attempt current() {
      TaskContext task = TaskContext.get();
      return new Attempt(
          task.partitionId(),
          task.taskAttemptId(),
          SparkEnv.get().blockManager().shuffleServerId(),
          SparkEnv.get().blockManager().blockManagerId());
    }
  }
}
