package dev.mien.spark.dataset;

import java.io.FileNotFoundException;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.delta.VersionNotFoundException;

/** A dataset does not have this version, or no longer has it. */
public final class NoSuchVersionException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  NoSuchVersionException(String uri, long version) {
    super(
        "Dataset %s has no version %d (an erasure takes the earlier ones away)"
            .formatted(uri, version));
  }

  /**
   * Whether a failure came of a version being gone: an erasure deletes its commit, and a vacuum its
   * files. A version that could not be read for another reason may still be there.
   */
  public static boolean isGone(Throwable failure) {
    return isTakenAway(failure)
        || ExceptionUtils.getThrowableList(failure).stream()
            .anyMatch(FileNotFoundException.class::isInstance);
  }

  /** Whether a failure came of an erasure having deleted a version's commit. */
  public static boolean isTakenAway(Throwable failure) {
    return ExceptionUtils.getThrowableList(failure).stream()
        .anyMatch(
            cause ->
                cause instanceof NoSuchVersionException
                    || cause instanceof VersionNotFoundException);
  }
}
