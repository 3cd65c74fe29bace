package dev.mien.spark.dataset;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Deletes files on any Hadoop file system; files that are gone already are no failure. */
final class Deletion {

  /** A store takes a tenth of a second or more per file, which costs no processor time. */
  private static final int THREADS = 32;

  private Deletion() {}

  /**
   * Deletes files, many at a time.
   *
   * @throws IOException when one cannot be deleted, after all were tried
   */
  static void atOnce(FileSystem files, List<Path> paths) throws IOException {
    if (paths.isEmpty()) {
      return;
    }

    List<Callable<Void>> deletions = new ArrayList<>();
    for (Path path : paths) {
      deletions.add(
          () -> {
            delete(files, path);
            return null;
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(Math.min(THREADS, paths.size()));
    try {
      for (Future<Void> deletion : threads.invokeAll(deletions)) {
        deletion.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while files were deleted (erase again)", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /**
   * Deletes files, and folders with their content, one after another.
   *
   * @throws IOException when one cannot be deleted; those after it are left
   */
  static void inOrder(FileSystem files, List<Path> paths) throws IOException {
    for (Path path : paths) {
      delete(files, path);
    }
  }

  private static void delete(FileSystem files, Path path) throws IOException {
    if (!files.delete(path, true) && files.exists(path)) {
      throw new IOException("Cannot delete " + path + " (make it possible, and erase again)");
    }
  }
}
