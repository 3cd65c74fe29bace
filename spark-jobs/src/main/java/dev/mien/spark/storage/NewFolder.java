package dev.mien.spark.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/** Makes the folders that a user names for results. */
public final class NewFolder {

  private NewFolder() {}

  /**
   * Makes the folder and those above it, where they are not there yet.
   *
   * @param refusal what to say when there can be no folder
   * @throws IllegalArgumentException when a file is in the way, or nobody may write there
   */
  public static void make(FileSystem files, Path folder, String refusal) throws IOException {
    boolean isThere;
    try {
      isThere = files.mkdirs(folder);
    } catch (FileAlreadyExistsException
        | ParentNotDirectoryException
        | AccessControlException problem) {
      throw new IllegalArgumentException(refusal, problem);
    }
    if (!isThere) { // as local disks say that nobody may write there
      throw new IllegalArgumentException(refusal);
    }
  }
}
