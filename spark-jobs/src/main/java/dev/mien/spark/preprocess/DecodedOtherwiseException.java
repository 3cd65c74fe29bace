package dev.mien.spark.preprocess;

import java.util.Optional;
import org.apache.commons.lang3.exception.ExceptionUtils;

/** Thrown when a video gave something else when it was decoded again. */
final class DecodedOtherwiseException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  private static final String NAME = DecodedOtherwiseException.class.getName() + ": ";

  DecodedOtherwiseException(String message) {
    super(message);
  }

  /**
   * The message of such an exception among the causes of a failure, or in their text: where Spark
   * gives up for want of executors, the text is all that is left of the cause.
   */
  static Optional<String> among(Throwable failure) {
    return ExceptionUtils.getThrowableList(failure).stream()
        .flatMap(cause -> cause.toString().lines())
        .filter(line -> line.contains(NAME))
        .map(line -> line.substring(line.indexOf(NAME) + NAME.length()))
        .findFirst();
  }
}
