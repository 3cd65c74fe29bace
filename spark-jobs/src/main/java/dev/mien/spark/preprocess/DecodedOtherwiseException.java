package dev.mien.spark.preprocess;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Says that a video gave something else when it was decoded again. */
final class DecodedOtherwiseException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  DecodedOtherwiseException(String message) {
    super(message);
  }

  /** The one among the causes of a failure. */
  static Optional<DecodedOtherwiseException> among(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .filter(DecodedOtherwiseException.class::isInstance)
        .map(DecodedOtherwiseException.class::cast)
        .findFirst();
  }
}
