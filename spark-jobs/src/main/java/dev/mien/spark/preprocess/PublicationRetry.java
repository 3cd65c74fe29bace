package dev.mien.spark.preprocess;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.dataset.NoSuchVersionException;
import dev.mien.spark.progress.FirstLine;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.sql.SparkSession;

/**
 * Publishes onto the newest version of a dataset: waits for an erasure to end, and tries again when
 * another run commits first or a file system refuses for a while.
 */
final class PublicationRetry {

  /** Tries before giving up; one fails only when another run committed first. */
  private static final int ATTEMPTS = 20;

  /** An erasure may take this long: it rewrites every shard that holds a row to erase. */
  private static final Duration LONGEST_ERASURE = Duration.ofHours(1);

  /** Retries after a file system's error; the pause doubles each time, a minute in all. */
  private static final int RETRIES = 6;

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private PublicationRetry() {}

  /**
   * Publishes onto the newest version, once no erasure is under way. A file system that fails is
   * given about a minute, since a batch is hours of decoding.
   *
   * @param publication called with the newest version, again for each try
   * @return what the publication that succeeded returned
   * @throws ConcurrentPublicationException when other runs committed first at every try
   * @throws IllegalStateException when an erasure has not ended after an hour
   */
  static <R> R publish(SparkSession spark, String uri, Function<FaceVideoDataset, R> publication) {
    return publish(spark, uri, PublicationRetry::sleep, publication);
  }

  /**
   * Publishes as {@link #publish(SparkSession, String, Function)} does, by the caller's clock.
   *
   * @param pause waits for so many nanoseconds
   */
  static <R> R publish(
      SparkSession spark,
      String uri,
      LongConsumer pause,
      Function<FaceVideoDataset, R> publication) {
    int conflicts = 0;
    int retries = 0;
    while (true) {
      try {
        return publication.apply(open(spark, uri, pause));
      } catch (ConcurrentPublicationException e) {
        conflicts++;
        if (conflicts == ATTEMPTS) {
          throw e;
        }
        System.out.println(e.getMessage() + "; trying again");
      } catch (Exception | FSError e) { // Scala's code throws checked ones, and declares none
        if (NoSuchVersionException.isTakenAway(e)) { // by an erasure that began after the look
          conflicts++;
          if (conflicts < ATTEMPTS) {
            System.out.println(FirstLine.of(e) + "; trying again");
            continue;
          }
        }
        if (retries == RETRIES || !isOfFiles(e)) {
          throw e;
        }
        System.out.println("Cannot publish: " + FirstLine.of(e) + "; trying again");
        pause.accept(FIRST_PAUSE.toNanos() << retries);
        retries++;
      }
    }
  }

  /**
   * Whether a file system failed, by the causes or by their text: where Spark gives up for want of
   * executors, the text is all that is left of the cause.
   */
  private static boolean isOfFiles(Throwable failure) {
    List<Throwable> causes = ExceptionUtils.getThrowableList(failure);
    return DecodedOtherwiseException.among(failure).isEmpty()
        && causes.stream()
            .noneMatch(
                cause ->
                    cause instanceof InterruptedIOException
                        || cause instanceof ClosedByInterruptException)
        && causes.stream()
            .anyMatch(
                cause ->
                    cause instanceof IOException
                        || String.valueOf(cause.getMessage()).contains("java.io.IOException"));
  }

  /**
   * Opens the newest version of a dataset, once no erasure is under way.
   *
   * @throws IllegalStateException when an erasure has not ended after an hour
   */
  static FaceVideoDataset open(SparkSession spark, String uri) {
    return open(spark, uri, PublicationRetry::sleep);
  }

  private static FaceVideoDataset open(SparkSession spark, String uri, LongConsumer pause) {
    long left = LONGEST_ERASURE.toNanos();
    long next = FIRST_PAUSE.toNanos();
    while (ErasureMark.isSet(spark, uri)) {
      if (left == 0) {
        throw new IllegalStateException(
            "Cannot publish into dataset %s: an erasure has been under way for %d s (if it was"
                    .formatted(uri, LONGEST_ERASURE.toSeconds())
                + " killed, finish it by the same mien forget again; then run this again)");
      }
      if (left == LONGEST_ERASURE.toNanos()) {
        System.out.println("Waiting until the erasure in dataset " + uri + " is done");
      }
      long nanos = Math.min(next, left);
      pause.accept(nanos);
      left -= nanos;
      next = Math.min(2 * next, LONGEST_PAUSE.toNanos());
    }
    return FaceVideoDataset.open(spark, uri);
  }

  private static void sleep(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting to publish", e);
    }
  }
}
