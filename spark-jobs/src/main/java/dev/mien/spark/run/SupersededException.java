package dev.mien.spark.run;

/** Another driver has taken the run over, so this one must end; trying again is of no use. */
public final class SupersededException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  SupersededException(String message) {
    super(message);
  }
}
