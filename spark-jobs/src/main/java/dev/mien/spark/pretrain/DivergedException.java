package dev.mien.spark.pretrain;

/** A run's parameters are no longer finite numbers. */
final class DivergedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DivergedException(String figure, double value) {
    super("The %s is %s: the run has diverged".formatted(figure, value));
  }
}
