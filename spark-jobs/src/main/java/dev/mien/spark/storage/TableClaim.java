package dev.mien.spark.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A writer's exclusive claim to a table for the time of one commit, for stores that cannot create a
 * file only if there is none. It needs a listing that shows everything written before it, as S3's
 * does.
 *
 * <p>A writer puts a file of its own into {@code <table>/_claims} and then lists the folder. A
 * writer that sees only its own file has the table until it deletes the file: of two writers, the
 * one that put its file later sees the other's. A writer that sees another file deletes its own and
 * tries again after a random pause.
 *
 * <p>A claim whose writer was killed counts for a lifetime, by the clock of the store, and the next
 * writer waits that long. A writer that is held up for longer than that between its claim and the
 * end of its commit, which is one request, may overwrite another's commit.
 */
final class TableClaim {

  private static final Logger LOG = LoggerFactory.getLogger(TableClaim.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int LONGEST_DOUBLINGS = 6;

  /** The attempt from which on waiting is reported; some ten seconds have gone by then. */
  private static final int WORTH_A_WORD = 7;

  private static final String OWN_PROCESS = ManagementFactory.getRuntimeMXBean().getName();

  private final WholeFile file;
  private final Duration lifetime;

  private TableClaim(WholeFile file, Duration lifetime) {
    this.file = file;
    this.lifetime = lifetime;
  }

  /**
   * Waits until no other writer has the table.
   *
   * @param lifetime of a claim; a claim that took more than a tenth of it to make is made again
   * @throws IOException when others hold the table for more than one and a half lifetimes, naming
   *     the last of them
   */
  static TableClaim take(FileSystem files, Path table, Duration lifetime) throws IOException {
    return take(files, table, lifetime, UUID.randomUUID(), TableClaim::sleep);
  }

  /**
   * Waits as {@link #take(FileSystem, Path, Duration)} does, by the caller's clock.
   *
   * @param writer the seed of its pauses
   * @param pause waits for a number of nanoseconds
   */
  static TableClaim take(
      FileSystem files, Path table, Duration lifetime, UUID writer, LongConsumer pause)
      throws IOException {
    Random random = new Random(writer.getLeastSignificantBits());
    long waited = 0;
    for (int attempt = 0; ; attempt++) {
      Path file = new Path(new Path(table, ClaimedLogStore.CLAIMS), writer + "-" + attempt);
      TableClaim claim = new TableClaim(new WholeFile(files, file), lifetime);
      Optional<String> holder = claim.put();
      if (holder.isEmpty()) {
        return claim;
      }
      if (waited > lifetime.toNanos() / 2 * 3) {
        throw new IOException(
            "Cannot commit to %s: kept from it for %d s, at last by %s"
                .formatted(table, TimeUnit.NANOSECONDS.toSeconds(waited), holder.get()));
      }
      long nanos =
          (long)
              ((0.5 + random.nextDouble())
                  * (FIRST_PAUSE.toNanos() << Math.min(attempt, LONGEST_DOUBLINGS)));
      if (attempt == WORTH_A_WORD) {
        System.out.println(
            "Waiting to commit to " + table + ", which " + holder.get() + " has or wants");
      }
      pause.accept(nanos);
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("Interrupted in waiting to commit to " + table);
      }
      waited += nanos;
    }
  }

  /**
   * Puts the claim's file. If others have one, it deletes its own again and returns one of theirs.
   */
  private Optional<String> put() throws IOException {
    boolean isAlone = false;
    try {
      long began = System.nanoTime();
      file.write(OWN_PROCESS);
      Optional<Path> other = other();
      boolean isInTime = System.nanoTime() - began < lifetime.toNanos() / 10;
      isAlone = other.isEmpty() && isInTime;
      return isAlone
          ? Optional.empty()
          : Optional.of(other.map(this::writer).orElse("a store that is slow"));
    } finally {
      if (!isAlone) {
        end();
      }
    }
  }

  /** A claim of another writer, or this one's own if the listing does not show it. */
  private Optional<Path> other() throws IOException {
    FileStatus[] claims = file.files().listStatus(file.path().getParent());
    Optional<FileStatus> own = Stream.of(claims).filter(this::isOwn).findFirst();
    if (own.isEmpty()) {
      return Optional.of(file.path());
    }
    Optional<Path> other = Optional.empty();
    for (FileStatus claim : claims) {
      long age = own.get().getModificationTime() - claim.getModificationTime();
      if (age > lifetime.toMillis()) {
        file.files().delete(claim.getPath(), false);
      } else if (!isOwn(claim)) {
        other = Optional.of(claim.getPath());
      }
    }
    return other;
  }

  private boolean isOwn(FileStatus claim) {
    return claim.getPath().getName().equals(file.path().getName());
  }

  private String writer(Path claim) {
    try {
      return new WholeFile(file.files(), claim).text();
    } catch (IOException e) { // it is done
      return "another process";
    }
  }

  /** Gives the table up. A claim that cannot be deleted lapses after its lifetime. */
  void end() {
    try {
      if (!file.delete()) {
        LOG.warn(
            "{} was gone: if it was held for {}, another may have had the table", file, lifetime);
      }
    } catch (IOException | RuntimeException e) { // S3A's client throws both
      LOG.warn("Cannot delete {}: others wait {} until they commit", file, lifetime, e);
    }
  }

  private static void sleep(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
