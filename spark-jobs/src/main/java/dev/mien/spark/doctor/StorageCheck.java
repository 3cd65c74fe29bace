package dev.mien.spark.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Checks that a job can write to a folder, by writing, reading and deleting a file. Folders that
 * this makes stay, since other processes may be checking them: see {@link ProbedFolders}.
 *
 * @param left name of a file that the driver left in each place, for other processes to see; empty
 *     in the driver
 */
record StorageCheck(Configuration hadoop, String left) {

  private static final byte[] PROBE = new byte[1 << 20];

  Finding of(String subject, String uri) {
    return Finding.of(
        subject,
        "check the address, the credentials and the right to write and delete there",
        () -> probe(new Path(uri)));
  }

  private String probe(Path folder) throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    ProbedFolders.missing(files, folder); // what is there is a folder
    Path file = new Path(folder, ".mien-doctor-" + UUID.randomUUID());
    try {
      try (OutputStream out = files.create(file, false)) {
        out.write(PROBE);
      }
      try (InputStream in = files.open(file)) {
        if (!Arrays.equals(in.readAllBytes(), PROBE)) {
          throw new IOException("what was read back from " + file + " is not what was written");
        }
      }
    } finally {
      files.delete(file, false);
    }
    if (!left.isEmpty() && !files.exists(new Path(folder, left))) {
      throw new IOException(
          files.makeQualified(folder)
              + " is another folder here than on the driver's machine (mount one on all machines, or"
              + " use a file system of the cluster)");
    }
    return files.makeQualified(folder) + ", written, read and deleted";
  }
}
