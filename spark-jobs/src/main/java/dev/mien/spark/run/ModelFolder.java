package dev.mien.spark.run;

import dev.mien.model.marlin.EncoderExport;
import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Refuses folders that would hold two models. Jobs recognise a run, a checkpoint and an export by
 * their files; with two of them in one folder, they would take sometimes one and sometimes the
 * other.
 */
public final class ModelFolder {

  private ModelFolder() {}

  /**
   * Checks a folder for imported weights, which may replace earlier imported ones.
   *
   * @throws IllegalArgumentException when the folder is that of a run, a run's checkpoint or an
   *     export, or holds anything else
   */
  public static void requireForImport(Configuration hadoop, String uri) throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(hadoop);
    requireNoRun(files, folder);
    requireNoExport(files, folder, "an export, or an import that was killed (delete it then)");
    if (isCheckpoint(files, folder) && Checkpoints.isName(folder.getName())) {
      throw refused(folder, "a checkpoint of a run");
    }
    if (!isCheckpoint(files, folder)) {
      requireEmpty(files, folder);
    }
  }

  /**
   * Checks a folder for an export, which may replace an earlier one.
   *
   * @throws IllegalArgumentException when the folder is that of a run or a checkpoint, or holds
   *     anything else that is not an export of Mien's
   */
  static void requireForExport(FileSystem files, Path folder) throws IOException {
    requireNoRun(files, folder);
    if (isCheckpoint(files, folder)) {
      throw refused(folder, "a checkpoint");
    }
    Path card = new Path(folder, ModelCard.FILE);
    // Model hubs want lines of theirs before the title.
    if (!files.exists(card)
        || new WholeFile(files, card).text().lines().noneMatch(ModelCard.TITLE::equals)) {
      requireEmpty(files, folder);
    }
  }

  /** Files that are not Mien's are neither replaced nor mixed with a model. */
  private static void requireEmpty(FileSystem files, Path folder) throws IOException {
    if (!files.exists(folder)) {
      return;
    }
    if (!files.getFileStatus(folder).isDirectory()) {
      throw notItsOwn(folder, "a file");
    }
    FileStatus[] found = files.listStatus(folder);
    if (found.length > 0) {
      throw notItsOwn(folder, "not empty: it holds " + found[0].getPath().getName());
    }
  }

  /**
   * Checks a folder for a run that begins.
   *
   * @throws IllegalArgumentException when the folder holds a checkpoint that is not a run's, an
   *     export or a dataset, or is a file
   */
  public static void requireForRun(Configuration hadoop, String uri) throws IOException {
    Path folder = new Path(uri);
    FileSystem files = folder.getFileSystem(hadoop);
    if (isCheckpoint(files, folder)) {
      throw refused(folder, "a checkpoint itself, as mien import makes them");
    }
    requireNoExport(files, folder, "an export");
    if (files.exists(new Path(folder, "videos/_delta_log"))) {
      throw notItsOwn(folder, "a dataset");
    }
    if (files.exists(folder) && !files.getFileStatus(folder).isDirectory()) {
      throw notItsOwn(folder, "a file");
    }
  }

  private static IllegalArgumentException notItsOwn(Path folder, String what) {
    return new IllegalArgumentException(
        "Invalid folder: %s is %s (must be a folder of its own: name another)"
            .formatted(folder, what));
  }

  private static void requireNoRun(FileSystem files, Path folder) throws IOException {
    if (files.exists(new Path(folder, Checkpoints.FOLDER))) {
      throw refused(folder, "the folder of a run");
    }
  }

  private static void requireNoExport(FileSystem files, Path folder, String what)
      throws IOException {
    if (InitialWeights.isExport(files, folder)
        || files.exists(new Path(folder, EncoderExport.PROPERTIES))) {
      throw refused(folder, what);
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
