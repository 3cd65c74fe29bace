package dev.mien.spark.evaluate;

/** What a probe is fitted on. */
enum Representation {
  /** Embeddings of the encoder. */
  TRAINED("trained"),
  /**
   * Embeddings of the same network as its seed initialises it, whatever weights its training began
   * with.
   */
  UNTRAINED("untrained"),
  /**
   * Pixels of the mean frame, reduced to as many principal components as an embedding has values.
   */
  PIXELS("pixels (PCA)");

  private final String label;

  Representation(String label) {
    this.label = label;
  }

  /** The name in tables. */
  String label() {
    return label;
  }
}
