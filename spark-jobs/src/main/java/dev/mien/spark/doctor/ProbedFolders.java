package dev.mien.spark.doctor;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The folders that are not there before places are probed, from however many processes: the probes
 * make them, and none of them can tell when the last one is done.
 */
final class ProbedFolders {

  private final Configuration hadoop;
  private final List<Path> missing = new ArrayList<>();

  private ProbedFolders(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /** Looks at what is there of each place. */
  static ProbedFolders of(Configuration hadoop, Collection<String> places) {
    ProbedFolders folders = new ProbedFolders(hadoop);
    for (String place : places) {
      try {
        Path folder = new Path(place);
        folders.missing.addAll(missing(folder.getFileSystem(hadoop), folder));
      } catch (IOException | IllegalArgumentException e) {
        // The probe of it will fail, and say why.
      }
    }
    return folders;
  }

  /**
   * The folders of a path that are not there, the innermost first.
   *
   * @throws IOException when something that is there is no folder, or cannot be looked at
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

  /** After the last probe: removes those in which nobody has put anything. */
  void remove() {
    for (Path folder : missing) {
      try {
        folder.getFileSystem(hadoop).delete(folder, false);
      } catch (IOException e) {
        // Somebody works in it by now, or it was never made.
      }
    }
  }
}
