package dev.mien.spark.pretrain.replica;

import dev.mien.model.train.Execution;
import dev.mien.model.train.LocalTrainer;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.resident.TaskDevice;
import dev.mien.spark.run.Manifest.StoredFile;
import java.util.Optional;
import org.apache.spark.TaskContext;

/**
 * A network and its input reader, which stay in the executor between rounds. Loading a state
 * replaces everything that a former task has left, unless it is just what would be loaded.
 */
final class ResidentReplica implements AutoCloseable {

  private static final Residents<RunSpecification, ResidentReplica> RESIDENTS =
      new Residents<>(ResidentReplica::new);

  private static ClipCache cache;

  private final LocalTrainer trainer;
  private final BatchReader reader;

  /** The file whose content equals the trainer's current moments; empty when there is none. */
  private Optional<StoredFile> keptMoments = Optional.empty();

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
    this.reader = new BatchReader(run, cache(run.training().reading().cacheSize()), readers());
  }

  /** The number of reading threads: the task's cores but for the one that trains. */
  private static int readers() {
    return Math.max(1, TaskContext.get().cpus() - 1);
  }

  /** Borrows a replica for the current task alone, until the lease is closed. */
  static Residents<RunSpecification, ResidentReplica>.Lease borrow(RunSpecification run) {
    return RESIDENTS.borrow(run, TaskDevice.of(run.training().device()));
  }

  LocalTrainer trainer() {
    return trainer;
  }

  BatchReader reader() {
    return reader;
  }

  /** Notes that a file holds the trainer's moments, which do not change until the next task. */
  void keptMoments(StoredFile file) {
    keptMoments = Optional.of(file);
  }

  /**
   * The file that holds the trainer's moments, if there is one; it is forgotten, since the task is
   * about to change them.
   */
  Optional<StoredFile> takeMoments() {
    Optional<StoredFile> kept = keptMoments;
    keptMoments = Optional.empty();
    return kept;
  }

  @Override
  public void close() {
    reader.close();
    trainer.close();
  }

  /** The cache of all replicas in this process, of the capacity that was asked for last. */
  private static synchronized ClipCache cache(long capacity) {
    if (cache == null || cache.capacity() != capacity) {
      cache = new ClipCache(capacity);
    }
    return cache;
  }
}
