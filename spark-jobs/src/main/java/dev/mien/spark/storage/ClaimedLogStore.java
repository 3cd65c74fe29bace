package dev.mien.spark.storage;

import io.delta.storage.S3SingleDriverLogStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Delta's log on S3, to which several drivers may commit. The client of Hadoop 3.3 cannot have S3
 * create an object only where there is none: Delta's own store looks first and then writes, under a
 * lock that other drivers know nothing of. This one looks and writes while its {@link TableClaim}
 * keeps them from doing so. Delta makes one by the name of its class.
 */
public final class ClaimedLogStore extends S3SingleDriverLogStore {

  /** Folder in a table for the claims of those that commit to it. */
  public static final String CLAIMS = "_claims";

  /**
   * Setting of Hadoop, the same for all drivers of a table: how long the claim of one counts that
   * was killed, or whose commit was refused. Long beside what a commit takes; by S3A's own settings
   * the retries of one request may take longer, on a network that stalls.
   */
  public static final String CLAIM_LIFETIME = "mien.claim.lifetime";

  private static final Duration USUAL_LIFETIME = Duration.ofMinutes(10);
  private static final String COMMIT = ".json";

  public ClaimedLogStore(Configuration hadoop) {
    super(hadoop);
  }

  /**
   * Writes a file of the log.
   *
   * @throws FileAlreadyExistsException when there is one and it must not be replaced: another
   *     commit came first
   */
  @Override
  public void write(Path file, Iterator<String> lines, Boolean overwrite, Configuration hadoop)
      throws IOException {
    if (overwrite || !file.getName().endsWith(COMMIT)) { // checkpoints, and checksums of commits
      super.write(file, lines, overwrite, hadoop);
      return;
    }
    Path table = file.getParent().getParent();
    Duration lifetime =
        Duration.ofMillis(
            hadoop.getTimeDuration(
                CLAIM_LIFETIME, USUAL_LIFETIME.toMillis(), TimeUnit.MILLISECONDS));
    TableClaim claim = TableClaim.take(table.getFileSystem(hadoop), table, lifetime);
    try {
      super.write(file, lines, false, hadoop);
    } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
      claim.end();
      throw e;
    }
    // After any other failure the request may still be on its way, as it may after an interrupt,
    // which S3A does not throw: the claim then keeps others off for its lifetime.
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("Interrupted in writing " + file);
    }
    claim.end();
  }
}
