package dev.mien.spark.pretrain;

/** What a run has learnt is no number any more. */
final class DivergedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DivergedException(long round, double loss) {
    super("The validation loss after round %d is %s: the run has diverged".formatted(round, loss));
  }
}
