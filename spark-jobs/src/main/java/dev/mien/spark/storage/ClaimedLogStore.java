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
 * Delta's log on S3 when several drivers commit to one table. The S3 client of Hadoop 3.3 cannot
 * create an object only if there is none: Delta's own store looks first and then writes, under a
 * lock that other drivers do not see. This store looks and writes while its {@link TableClaim}
 * keeps other drivers out. Delta creates it by its class name.
 */
public final class ClaimedLogStore extends S3SingleDriverLogStore {

  /** Folder of a table that holds the claims of drivers that are committing to it. */
  public static final String CLAIMS = "_claims";

  /**
   * Hadoop setting, the same for all drivers of a table: how long a claim counts whose driver was
   * killed or whose commit was refused. It must be long beside what a commit takes; on a network
   * that stalls, S3A's own retries of one request may take longer.
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
   * @throws FileAlreadyExistsException when there is one and it must not be replaced, because
   *     another commit came first
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
