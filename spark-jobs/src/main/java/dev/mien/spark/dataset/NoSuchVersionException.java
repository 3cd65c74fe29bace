package dev.mien.spark.dataset;

import java.io.FileNotFoundException;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.delta.VersionNotFoundException;

/** A dataset has no such version, or none any more. */
public final class NoSuchVersionException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  NoSuchVersionException(String uri, long version) {
    super(
        "Dataset %s has no version %d (an erasure takes the earlier ones away)"
            .formatted(uri, version));
  }

  /**
   * Whether something failed because a version is gone: an erasure takes its commit away, and a
   * vacuum its files. What fails for another reason may be there all the same.
   */
  public static boolean isGone(Throwable failure) {
    return isTakenAway(failure)
        || ExceptionUtils.getThrowableList(failure).stream()
            .anyMatch(FileNotFoundException.class::isInstance);
  }

  /** Whether something failed because an erasure has taken a version's commit away. */
  public static boolean isTakenAway(Throwable failure) {
    return ExceptionUtils.getThrowableList(failure).stream()
        .anyMatch(
            cause ->
                cause instanceof NoSuchVersionException
                    || cause instanceof VersionNotFoundException);
  }
}
