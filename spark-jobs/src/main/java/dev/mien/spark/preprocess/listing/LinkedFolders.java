package dev.mien.spark.preprocess.listing;

import dev.mien.spark.storage.LocalPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;

/**
 * Finds symbolic links below local inputs. Hadoop lists them as the folders that they lead to, so
 * that one called {@code latest} would give each of its videos a second URI, and one to a folder
 * above would go round and round.
 *
 * @param roots the inputs without links
 */
record LinkedFolders(List<Path> roots) {

  /** Prepares for links below folders, of which none need be local. */
  static LinkedFolders among(List<FileStatus> folders) throws IOException {
    List<Path> roots = new ArrayList<>();
    for (FileStatus folder : folders) {
      if (LocalPaths.isLocal(folder.getPath())) {
        roots.add(LocalPaths.toJava(folder.getPath()).toRealPath());
      }
    }
    return new LinkedFolders(List.copyOf(roots));
  }

  /**
   * Whether a child is a link to a folder that is listed by its own name, in an input or below a
   * link that led here, or to one that such a folder or the child itself lies in.
   */
  boolean isListedAnyway(FileStatus child) throws IOException {
    if (!child.isDirectory() || !LocalPaths.isLocal(child.getPath())) {
      return false;
    }
    Path path = LocalPaths.toJava(child.getPath());
    if (!Files.isSymbolicLink(path)) {
      return false;
    }
    Path target = path.toRealPath();
    return path.getParent().toRealPath().startsWith(target)
        || listed(path).stream()
            .anyMatch(folder -> target.startsWith(folder) || folder.startsWith(target));
  }

  /** The inputs, and the folders that links above a path led to. */
  private List<Path> listed(Path path) throws IOException {
    List<Path> listed = new ArrayList<>(roots);
    for (Path above = path.getParent(); above != null; above = above.getParent()) {
      Path real = above.toRealPath();
      if (roots.contains(real)) {
        break;
      }
      if (Files.isSymbolicLink(above)) {
        listed.add(real);
      }
    }
    return listed;
  }
}
