package dev.mien.spark.pretrain.replica;

import dev.mien.model.train.Execution;
import dev.mien.model.train.LocalTrainer;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.resident.TaskDevice;
import org.apache.spark.TaskContext;

/**
 * A network and its input, which stay in the executor between rounds. Nothing of a former task is
 * in it once a state is loaded.
 */
final class ResidentReplica implements AutoCloseable {

  private static final Residents<RunSpecification, ResidentReplica> RESIDENTS =
      new Residents<>(ResidentReplica::new);

  private static ClipCache cache;

  private final LocalTrainer trainer;
  private final BatchReader reader;

  private ResidentReplica(RunSpecification run) {
    this.trainer =
        LocalTrainer.open(
            run.architecture(),
            run.objective(),
            run.optimiser(),
            new Execution(
                TaskDevice.of(run.training().device()),
                run.training().precision(),
                run.training().microBatch()));
    this.reader = new BatchReader(run, cache(run.training().cacheSize()), readers());
  }

  /** A thread for each of the task's cores but for the one that trains. */
  private static int readers() {
    return Math.max(1, TaskContext.get().cpus() - 1);
  }

  /** One for this task alone, until the lease is closed. */
  static Residents<RunSpecification, ResidentReplica>.Lease borrow(RunSpecification run) {
    return RESIDENTS.borrow(run, TaskDevice.of(run.training().device()));
  }

  LocalTrainer trainer() {
    return trainer;
  }

  BatchReader reader() {
    return reader;
  }

  @Override
  public void close() {
    reader.close();
    trainer.close();
  }

  /** One for all replicas of the process, of the size that was asked for last. */
  private static synchronized ClipCache cache(long capacity) {
    if (cache == null || cache.capacity() != capacity) {
      cache = new ClipCache(capacity);
    }
    return cache;
  }
}
