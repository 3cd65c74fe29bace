package dev.mien.spark.run;

import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;

/**
 * The driver that owns a run's folder: the last one that opened it, which the file {@code driver}
 * names. A run may be started twice, and a cluster restarts a driver that it has only lost contact
 * with; each of the two would delete what the other writes. So a driver checks its ownership before
 * it puts a file in place or deletes one, and ends when another driver has the folder.
 *
 * <p>The check and the write are two steps, between which another driver may take over. What is
 * written then belongs to the same run, and is whole.
 */
@FunctionalInterface
public interface RunOwner {

  /** For folders in which nobody trains. */
  RunOwner ANYBODY = () -> {};

  /**
   * Checks that the folder is still this driver's.
   *
   * @throws SupersededException when it is another's
   * @throws IOException when the owner cannot be read
   */
  void require() throws IOException;

  /**
   * Makes a driver the owner of a run's folder, whoever owned it before.
   *
   * @param name of the driver, by which people can find it
   */
  static RunOwner take(Configuration hadoop, String run, String name) throws IOException {
    WholeFile file = WholeFile.of(hadoop, run, "driver");
    String driver = "%s since %s".formatted(name, Instant.now());
    file.write(driver);
    return () -> require(file, driver);
  }

  private static void require(WholeFile file, String driver) throws IOException {
    String owner = file.text();
    if (!owner.equals(driver)) {
      throw new SupersededException(
          "Run %s is now that of another driver, %s; this one, %s, writes nothing more"
              .formatted(file.path().getParent(), owner, driver));
    }
  }
}
