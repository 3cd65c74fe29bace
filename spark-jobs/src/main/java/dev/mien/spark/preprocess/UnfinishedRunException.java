package dev.mien.spark.preprocess;

/** A run of preprocessing failed after it had begun: what was published until then stays. */
public final class UnfinishedRunException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient PreprocessSummary summary;
  private final Throwable failure;

  UnfinishedRunException(PreprocessSummary summary, Throwable failure) {
    super(failure);
    this.summary = summary;
    this.failure = failure;
  }

  /** What the run did before it failed. */
  public PreprocessSummary summary() {
    return summary;
  }

  public Throwable failure() {
    return failure;
  }
}
