package dev.mien.spark.run;

/** Another driver goes on with the run, so that this one may not; there is nothing to try again. */
public final class SupersededException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  SupersededException(String message) {
    super(message);
  }
}
