package dev.mien.spark.exchange;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.BlockManagerId;

/** What tasks send each other, and the driver, when replicas are averaged. */
public sealed interface Contribution {

  /**
   * One chunk of a replica's trained state.
   *
   * @param block the values, little-endian, or their differences from the round's start, see {@link
   *     DeltaEncoder}
   * @param examples how many the replica trained on, which is its weight in the average
   */
  record Chunk(StateBlock block, Encoding encoding, long examples, Attempt attempt)
      implements Contribution {}

  /** What a replica reports of its round, of any type that is registered with Kryo. */
  record Receipt(Object value) implements Contribution {}

  /** Why a replica could not train; it would fail the same way if it were tried again. */
  record Failure(int replica, String reason) implements Contribution {}

  /**
   * One chunk of the average.
   *
   * @param block the values
   * @param spread weighted mean of the replicas' squared distances from the average, over
   *     parameters
   * @param update squared distance of the average from the round's start, over parameters
   * @param attempts ids of the attempts at the replicas that were averaged, in replica order
   */
  record Mean(StateBlock block, double spread, double update, List<Long> attempts)
      implements Contribution {}

  /**
   * An attempt at a replica's task, as Spark must be told of it to have it made again.
   *
   * @param output where Spark registered its shuffle output
   * @param keeper the block manager that keeps the bytes that the output names
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
