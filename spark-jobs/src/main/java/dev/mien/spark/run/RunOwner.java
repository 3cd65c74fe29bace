package dev.mien.spark.run;

import dev.mien.spark.storage.WholeFile;
import java.io.IOException;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;

/**
 * The driver that a run's folder belongs to: the last that opened it, which the file {@code driver}
 * names. A run may be started twice, and a cluster starts a driver again that it has only lost
 * sight of; each would delete what the other is writing. So a driver asks before it puts anything
 * in place or deletes it, and ends when the folder is another's.
 *
 * <p>To ask and to write are two steps, between which a folder may change hands. What is written
 * then is of the same run, and whole.
 */
@FunctionalInterface
public interface RunOwner {

  /** Of folders that nobody trains in. */
  RunOwner ANYBODY = () -> {};

  /**
   * Makes sure that the folder is still this driver's.
   *
   * @throws SupersededException when it is another's
   * @throws IOException when that cannot be read
   */
  void require() throws IOException;

  /**
   * Makes a run's folder a driver's own, whoever had it.
   *
   * @param name of the driver, by which people find it
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
