package dev.mien.spark.dataset;

/** A dataset has no such version, or none any more. */
public final class NoSuchVersionException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  NoSuchVersionException(String uri, long version) {
    super(
        "Dataset %s has no version %d (an erasure takes the earlier ones away)"
            .formatted(uri, version));
  }
}
