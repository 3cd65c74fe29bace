package dev.mien.spark.preprocess;

import dev.mien.spark.dataset.ConcurrentPublicationException;
import dev.mien.spark.dataset.ErasureMark;
import dev.mien.spark.dataset.FaceVideoDataset;
import dev.mien.spark.progress.FirstLine;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.sql.SparkSession;

/** The version of a dataset that is the newest by the time something is published onto it. */
final class NewestVersion {

  /** Attempts to publish, each of which another run must have come before to fail. */
  private static final int ATTEMPTS = 20;

  /** It rewrites every shard that holds something of whom it erases. */
  private static final Duration LONGEST_ERASURE = Duration.ofHours(1);

  /** Of a file system, after each of which the pause is twice as long: a minute in all. */
  private static final int REFUSALS = 6;

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private NewestVersion() {}

  /**
   * Publishes onto the newest version, however often another run comes first, and when no erasure
   * is under way. What the file system refuses for about a minute is tried again: a batch is hours
   * of decoding.
   *
   * @throws IllegalStateException when one has not ended after an hour
   */
  static FaceVideoDataset publish(
      SparkSession spark, String uri, UnaryOperator<FaceVideoDataset> publication) {
    return publish(spark, uri, NewestVersion::sleep, publication);
  }

  /**
   * The same, by a clock of the caller's.
   *
   * @param pause waits for so many nanoseconds
   */
  static FaceVideoDataset publish(
      SparkSession spark,
      String uri,
      LongConsumer pause,
      UnaryOperator<FaceVideoDataset> publication) {
    int conflicts = 0;
    int refusals = 0;
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
        if (refusals == REFUSALS || !isOfFiles(e)) {
          throw e;
        }
        System.out.println("Cannot publish: " + FirstLine.of(e) + "; trying again");
        pause.accept(FIRST_PAUSE.toNanos() << refusals);
        refusals++;
      }
    }
  }

  /** By its causes, or by its text: where Spark gives up for want of machines, that is all. */
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
   * Opens it when no erasure is under way.
   *
   * @throws IllegalStateException when one has not ended after an hour
   */
  static FaceVideoDataset open(SparkSession spark, String uri) {
    return open(spark, uri, NewestVersion::sleep);
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
