package dev.mien.spark.doctor;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What to remove after all processes have probed the folders: folders that were not there before,
 * which the probes make and none of them can remove, not knowing whether it is the last; and a file
 * that the driver leaves in each for the others to see.
 */
final class ProbedFolders {

  private final Configuration hadoop;
  private final List<Path> missing = new ArrayList<>();
  private final List<Path> left = new ArrayList<>();

  private ProbedFolders(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /** Notes which folders exist. */
  static ProbedFolders of(Configuration hadoop, Collection<String> places) {
    ProbedFolders folders = new ProbedFolders(hadoop);
    for (String place : places) {
      try {
        Path folder = new Path(place);
        folders.missing.addAll(missing(folder.getFileSystem(hadoop), folder));
      } catch (IOException | IllegalArgumentException e) {
        // The probe of this place will fail, and say why.
      }
    }
    return folders;
  }

  /**
   * The folders of a path that do not exist, the innermost first.
   *
   * @throws IOException when something in the path is not a folder, or cannot be looked at
   */
  static List<Path> missing(FileSystem files, Path folder) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path path = folder; path != null && isMissing(files, path); path = path.getParent()) {
      missing.add(path);
    }
    return missing;
  }

  private static boolean isMissing(FileSystem files, Path path) throws IOException {
    try {
      if (!files.getFileStatus(path).isDirectory()) {
        throw new IOException(path + " is not a folder");
      }
      return false;
    } catch (FileNotFoundException e) {
      return true;
    }
  }

  /**
   * Leaves an empty file of a new name in each place where that is possible, and returns the name.
   */
  String leave(Collection<String> places) {
    String name = ".mien-doctor-driver-" + UUID.randomUUID();
    for (String place : places) {
      try {
        Path file = new Path(place, name);
        file.getFileSystem(hadoop).create(file, false).close();
        left.add(file);
      } catch (IOException | IllegalArgumentException e) {
        // The driver's own probe has failed there and said why.
      }
    }
    return name;
  }

  /** After the last probe, removes the files, and those new folders that are still empty. */
  void remove() {
    List<Path> added = new ArrayList<>(left);
    added.addAll(missing);
    for (Path folder : added) {
      try {
        folder.getFileSystem(hadoop).delete(folder, false);
      } catch (IOException e) {
        // Somebody has put something there by now, or it was never made.
      }
    }
  }
}
