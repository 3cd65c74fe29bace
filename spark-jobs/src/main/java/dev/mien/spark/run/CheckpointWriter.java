package dev.mien.spark.run;

import dev.mien.spark.config.CheckpointOptions;
import dev.mien.spark.progress.FirstLine;
import dev.mien.spark.storage.Patience;
import dev.mien.spark.storage.Writing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes checkpoints while the run goes on, one at a time. A failure is reported at the next call;
 * earlier checkpoints stay. Close it.
 */
public final class CheckpointWriter implements AutoCloseable {

  private final Checkpoints checkpoints;
  private final CheckpointOptions options;
  private final Patience patience;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "mien-checkpoint-writer");
            thread.setDaemon(true);
            return thread;
          });
  private volatile String last;
  private Future<?> writing;
  private long asked;

  /**
   * Begins to write.
   *
   * @param patience how long to try again when the file system refuses
   * @param last name of the last checkpoint so far, or empty
   */
  public CheckpointWriter(
      Checkpoints checkpoints, CheckpointOptions options, Patience patience, String last) {
    this.checkpoints = checkpoints;
    this.options = options;
    this.patience = patience;
    this.last = last;
    this.asked = System.nanoTime();
  }

  /** Name of the last whole checkpoint; empty when there is none. */
  public String last() {
    return last;
  }

  /** Whether a checkpoint is due after so many rounds. */
  public boolean due(long round) {
    long age = System.nanoTime() - asked;
    boolean old = !options.interval().isZero() && age >= options.interval().toNanos();
    return old || round % options.every() == 0;
  }

  /**
   * Waits for the checkpoint before, and begins to write the next one.
   *
   * @throws IOException when the one before could not be written
   */
  public void write(Manifest manifest, Snapshot snapshot) throws IOException {
    await();
    asked = System.nanoTime();
    writing =
        writer.submit(
            () -> {
              last = patience.with(() -> checkpoints.write(manifest, snapshot));
              tidy(() -> checkpoints.discardAttempts(manifest.round()));
              tidy(() -> checkpoints.keep(options.kept(), options.keptEvery()));
              return null;
            });
  }

  /**
   * Deletes files. A failure is no reason to end a run: the next checkpoint, or a resume, deletes
   * them.
   */
  private void tidy(Writing deletion) {
    try {
      deletion.run();
    } catch (IOException | UncheckedIOException e) {
      System.out.printf(
          "Cannot delete what checkpoint %s makes superfluous: %s (tried again later)%n",
          last, FirstLine.of(e));
    }
  }

  /**
   * Checks, without waiting, whether the last checkpoint has failed.
   *
   * @throws IOException when it could not be written
   */
  public void check() throws IOException {
    if (writing != null && writing.isDone()) {
      await();
    }
  }

  /**
   * Waits until the last checkpoint is written.
   *
   * @throws SupersededException when another driver has taken the run over
   * @throws IOException when it could not be written
   */
  public void await() throws IOException {
    if (writing == null) {
      return;
    }
    Future<?> begun = writing;
    writing = null;
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          begun.get();
          return;
        } catch (InterruptedException e) {
          isInterrupted =
              true; // whoever interrupts this, to end the run, wants the checkpoint first
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SupersededException superseded) {
        throw superseded;
      }
      throw new IOException("Cannot write a checkpoint: " + e.getCause().getMessage(), e);
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    writer.shutdownNow();
  }
}
