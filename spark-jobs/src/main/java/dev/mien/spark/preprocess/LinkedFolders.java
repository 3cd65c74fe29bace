package dev.mien.spark.preprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FsConstants;

/**
 * Symbolic links below local inputs. Hadoop lists them as the folders that they lead to, so that
 * one called {@code latest} would give each of its videos a second URI, and one to a folder above
 * would go round and round.
 *
 * @param roots what the inputs really are
 */
record LinkedFolders(List<Path> roots) {

  /** Those below folders, of which none may be local. */
  static LinkedFolders among(List<FileStatus> folders) throws IOException {
    List<Path> roots = new ArrayList<>();
    for (FileStatus folder : folders) {
      if (isLocal(folder)) {
        roots.add(local(folder).toRealPath());
      }
    }
    return new LinkedFolders(List.copyOf(roots));
  }

  /** Whether it is a link to a folder that an input has by its own name, or that it lies in. */
  boolean isListedAnyway(FileStatus child) throws IOException {
    if (!child.isDirectory() || !isLocal(child) || !Files.isSymbolicLink(local(child))) {
      return false;
    }
    Path target = local(child).toRealPath();
    return roots.stream().anyMatch(root -> target.startsWith(root) || root.startsWith(target));
  }

  private static boolean isLocal(FileStatus folder) {
    return FsConstants.LOCAL_FS_URI.getScheme().equals(folder.getPath().toUri().getScheme());
  }

  private static Path local(FileStatus folder) {
    return Path.of(folder.getPath().toUri().getPath());
  }
}
