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
 * Writes checkpoints while the run goes on, one at a time. What fails is told at the next call,
 * with the reason; checkpoints that were whole before stay. Close it.
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
   * @param patience with a file system that refuses one
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

  /** Name of the last checkpoint that is whole; empty when there is none. */
  public String last() {
    return last;
  }

  /** Whether a checkpoint is to be written after so many rounds. */
  public boolean due(long round) {
    long age = System.nanoTime() - asked;
    boolean old = !options.interval().isZero() && age >= options.interval().toNanos();
    return old || round % options.every() == 0;
  }

  /**
   * Begins to write, once the one before is written.
   *
   * @throws IOException when the one before could not be
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

  /** No reason to end a run: after the next checkpoint, or by a resume, it is tried again. */
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
   * Looks whether the last one is written, without waiting.
   *
   * @throws IOException when it could not be
   */
  public void check() throws IOException {
    if (writing != null && writing.isDone()) {
      await();
    }
  }

  /**
   * Waits until what was begun is written.
   *
   * @throws SupersededException when the run has become another driver's
   * @throws IOException when it could not be
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
          isInterrupted = true; // whoever is to end wants the checkpoint first
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
