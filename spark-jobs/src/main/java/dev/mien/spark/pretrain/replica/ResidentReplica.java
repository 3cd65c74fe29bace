package dev.mien.spark.pretrain.replica;

import dev.mien.model.train.Execution;
import dev.mien.model.train.LocalTrainer;
import dev.mien.spark.resident.Residents;
import dev.mien.spark.resident.TaskDevice;
import dev.mien.spark.run.Manifest.StoredFile;
import java.util.Optional;
import org.apache.spark.TaskContext;

/**
 * A network and its input, which stay in the executor between rounds. Nothing of a former task is
 * in it once a state is loaded, unless it is what would be loaded.
 */
final class ResidentReplica implements AutoCloseable {

  private static final Residents<RunSpecification, ResidentReplica> RESIDENTS =
      new Residents<>(ResidentReplica::new);

  private static ClipCache cache;

  private final LocalTrainer trainer;
  private final BatchReader reader;

  /** The file of the trainer's moments as they are, by its content; empty when there is none. */
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

  /** Says that the trainer's moments are in a file, and stay as they are until the next task. */
  void keptMoments(StoredFile file) {
    keptMoments = Optional.of(file);
  }

  /** The file that has the trainer's moments, if one has, before a task changes them. */
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

  /** One for all replicas of the process, of the size that was asked for last. */
  private static synchronized ClipCache cache(long capacity) {
    if (cache == null || cache.capacity() != capacity) {
      cache = new ClipCache(capacity);
    }
    return cache;
  }
}
