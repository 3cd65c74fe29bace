package dev.mien.spark.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkEnv;

/**
 * Room on the disk of a local folder. Its size counts, and not its free space: a full disk may be
 * freed, and a small one would fail a video each time.
 */
public final class LocalDisk {

  /**
   * Spark's setting for the size of the disk, such as {@code 50g}, where the operating system says
   * more: that of a node, of which Kubernetes lends an {@code emptyDir}.
   */
  public static final String SIZE = "spark.mien.local.disk.size";

  private LocalDisk() {}

  /**
   * Bytes that a video's copy may take, or its clips: a quarter of the disk, since Spark keeps a
   * second copy of the clips, and what is seen in the video takes room, too.
   *
   * @throws IOException when the disk cannot be asked
   */
  public static long share(Path folder) throws IOException {
    long disk = Files.getFileStore(folder).getTotalSpace();
    long said = SparkEnv.get() == null ? 0 : SparkEnv.get().conf().getSizeAsBytes(SIZE, "0");
    if (said > 0 && (disk == 0 || said < disk)) {
      disk = said;
    }
    return disk > 0 ? disk / 4 : Long.MAX_VALUE; // a tmpfs without a limit says 0
  }
}
