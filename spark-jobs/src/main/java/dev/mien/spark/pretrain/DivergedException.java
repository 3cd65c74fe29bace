package dev.mien.spark.pretrain;

/** What a run has learnt is no number any more. */
final class DivergedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DivergedException(String figure, double value) {
    super("The %s is %s: the run has diverged".formatted(figure, value));
  }
}
