package dev.mien.spark.evaluate;

/** What a probe may look at. */
enum Representation {
  /** The encoder's embeddings. */
  TRAINED("trained"),
  /** Those of the same network as its seed initialises it, whatever its training began with. */
  UNTRAINED("untrained"),
  /** The mean frame's pixels, by principal components, as many as an embedding has values. */
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
