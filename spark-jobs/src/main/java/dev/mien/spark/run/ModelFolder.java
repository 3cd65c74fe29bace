package dev.mien.spark.run;

import dev.mien.model.marlin.EncoderExport;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Refuses folders that would hold two models: a run, a checkpoint and an export are told by their
 * files, and of two in one folder jobs would take now the one, now the other.
 */
public final class ModelFolder {

  private ModelFolder() {}

  /**
   * For weights that are imported; those that were before may be replaced.
   *
   * @throws IllegalArgumentException when the folder is a run's, a run's checkpoint or an export
   */
  public static void requireForImport(Configuration hadoop, String uri) throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(hadoop);
    requireNoRun(files, folder);
    requireNoExport(files, folder);
    if (isCheckpoint(files, folder) && Checkpoints.isName(folder.getName())) {
      throw refused(folder, "a checkpoint of a run");
    }
  }

  /**
   * For a model that is exported; an export may be replaced.
   *
   * @throws IllegalArgumentException when the folder is a run's, or a checkpoint
   */
  static void requireForExport(FileSystem files, Path folder) throws IOException {
    requireNoRun(files, folder);
    if (isCheckpoint(files, folder)) {
      throw refused(folder, "a checkpoint");
    }
  }

  /**
   * For a run that begins.
   *
   * @throws IllegalArgumentException when the folder holds a checkpoint that is no run's, or an
   *     export
   */
  public static void requireForRun(Configuration hadoop, String uri) throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(hadoop);
    if (isCheckpoint(files, folder)) {
      throw refused(folder, "a checkpoint itself, as mien import makes them");
    }
    requireNoExport(files, folder);
  }

  private static void requireNoRun(FileSystem files, Path folder) throws IOException {
    if (files.exists(new Path(folder, Checkpoints.FOLDER))) {
      throw refused(folder, "the folder of a run");
    }
  }

  private static void requireNoExport(FileSystem files, Path folder) throws IOException {
    if (InitialWeights.isExport(files, folder)
        || files.exists(new Path(folder, EncoderExport.PROPERTIES))) {
      throw refused(folder, "an export");
    }
  }

  private static boolean isCheckpoint(FileSystem files, Path folder) throws IOException {
    return new CheckpointFolder(files, folder).isWhole();
  }

  private static IllegalArgumentException refused(Path folder, String what) {
    return new IllegalArgumentException(
        "Invalid folder: %s is %s, which would be taken for the new model (name another)"
            .formatted(folder, what));
  }
}
