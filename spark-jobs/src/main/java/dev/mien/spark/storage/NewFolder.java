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
   * Makes the folder and its parents, where they are not there yet.
   *
   * @param refusal the message when the folder cannot be made
   * @throws IllegalArgumentException when a file is in the way, or writing there is not permitted
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
    if (!isThere) { // local disks return false instead of throwing when writing is not permitted
      throw new IllegalArgumentException(refusal);
    }
  }
}
